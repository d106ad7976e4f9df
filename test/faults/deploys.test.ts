import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { createDeploys } from './deploys.ts';
import { createLedger } from './ledger.ts';
import { alertVersion } from './releases.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  // In a run, processes of the first two later releases write such alerts, and older ones leave such events to them.
  for (const release of [1, 2]) {
    const id = `alert:monitor:${release}`;
    await database.pool.query(
      "insert into actors (id, kind, version, rev, state, snapshot) values ($1, 'alert', $2, 1, '{}', '{}')",
      [id, alertVersion(release)],
    );
    await database.pool.query("insert into held_events (actor_id, event, reason) values ($1, '{}', '')", [id]);
  }
});
afterAll(() => database.drop());

/** Processes that restart at once, and what was deployed to them in which order. */
function fleetOf(names: readonly string[]) {
  const log: string[] = [];
  const processes = names.map((name) => {
    const process = {
      release: 0,
      runs: (release: number) => process.release === release,
      deploy(release: number) {
        if (process.release !== release) log.push(`${name} ${release}`);
        process.release = release;
      },
    };
    return process;
  });
  return { log, processes };
}

const restartable = () => ({
  url: database.url,
  rows: async (sql: string, values: unknown[] = []) => (await database.pool.query(sql, values)).rows,
});

test('a release comes to every second process, is rolled back, and comes to all; the next one follows when it is over', async () => {
  const { log, processes } = fleetOf(['a', 'b', 'c']);
  const ledger = createLedger();
  const deploys = createDeploys({ processes, database: restartable(), ledger, mayRestart: () => true });
  await Promise.all([deploys.deploy(0, 1), deploys.deploy(1, 1)]);
  const first = ['a 1', 'c 1', 'a 0', 'c 0', 'a 1', 'b 1', 'c 1'];
  expect(log).toEqual([...first, 'b 2', 'b 1', 'a 2', 'b 2', 'c 2']);
  expect(Object.fromEntries(ledger.counts)).toEqual({ 'fault: deploy': 2, 'fault: rollback': 2 });
  const kind = (release: number) => `alert ${alertVersion(release)}`;
  expect(ledger.deploys).toEqual([
    { release: 1, waiting: { actors: 2, effects: 0, kinds: [kind(1), kind(2)].sort() } },
    { release: 2, waiting: { actors: 1, effects: 0, kinds: [kind(2)] } },
  ]);
});

test('a process that is spared from faults gets the release when it is spared no longer', async () => {
  const { log, processes } = fleetOf(['a', 'b']);
  let looks = 0;
  const mayRestart = (process: unknown) => {
    if (process === processes[0]) looks += 1;
    return looks > 3;
  };
  await createDeploys({ processes, database: restartable(), ledger: createLedger(), mayRestart }).deploy(0, 1);
  expect(log).toEqual(['a 1', 'a 0', 'a 1', 'b 1']);
});
