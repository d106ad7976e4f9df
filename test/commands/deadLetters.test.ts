import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { run } from './run.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('truncate effects; delete from graphile_worker._private_jobs');
  await bury('alert:poller:1:7:dm', 'alert:poller:1', '2026-11-22T06:00:00Z');
  await bury('surface:api:9:chore', 'surface:api', '2026-11-22T05:00:00Z');
});

async function bury(id: string, actorId: string, at: string): Promise<void> {
  await database.pool.query(
    `insert into effects (id, actor_id, child_id, src, input, status, attempts, error, finished_at)
     values ($1, $2, 'dm', 'sendDm', '{}', 'dead', 12, $3, $4)`,
    [id, actorId, JSON.stringify({ message: 'Slack said\u001b[31m no.' }), at],
  );
}

const command = (...args: string[]) => run(['dead-letters', ...args], { DATABASE_URL: database.url });

async function jobs(): Promise<unknown[]> {
  const { rows } = await database.pool.query('select key, task_identifier from graphile_worker.jobs order by key');
  return rows;
}

it('lists them, newest first, with the reason and nothing that a terminal obeys', async () => {
  const { out } = await command('list');
  expect(out).toEqual([
    'alert:poller:1:7:dm\n  sendDm, 12 tries, given up 2026-11-22 06:00:00 UTC: Slack said [31m no.',
    'surface:api:9:chore\n  sendDm, 12 tries, given up 2026-11-22 05:00:00 UTC: Slack said [31m no.',
  ]);
});

it('lists them as JSON', async () => {
  const { out } = await command('list', '--json');
  expect(JSON.parse(out.join('\n'))).toMatchObject([{ id: 'alert:poller:1:7:dm' }, { actor_id: 'surface:api' }]);
});

it('lists more than one page', async () => {
  for (let n = 0; n < 250; n += 1) await bury(`alert:many:${n}`, `alert:many:${n}`, '2026-11-22T04:00:00Z');
  expect((await command('list')).out).toHaveLength(252);
});

it('puts those that are named back to work, as the queue of their kind wants it, and audits it', async () => {
  expect(await command('replay', 'alert:poller:1:7:dm', 'surface:api:9:chore')).toMatchObject({
    out: ['2 dead letters put back to work.'],
    failure: null,
  });
  expect(await jobs()).toEqual([
    { key: 'effect:alert:poller:1:7:dm', task_identifier: 'effect' },
    { key: 'effect:surface:api:9:chore', task_identifier: 'urgent_effect' },
  ]);
  const { rows } = await database.pool.query(
    "select payload, actor from audit_log where action = 'console.dead_letters.replayed' order by id desc limit 2",
  );
  expect(rows[1]).toEqual({ payload: { effect_id: 'alert:poller:1:7:dm' }, actor: 'command line' });
  expect((await command('list')).out).toEqual(['There are no dead letters.']);
});

it('puts every one back to work', async () => {
  expect((await command('replay', '--all')).out).toEqual(['2 dead letters put back to work.']);
  expect((await command('replay', '--all')).out).toEqual(['0 dead letters put back to work.']);
  expect(await jobs()).toHaveLength(2);
});

it('says which ids are none, and still does the others', async () => {
  expect(await command('replay', 'surface:api:9:chore', 'alert:nobody:1:dm')).toMatchObject({
    out: ['1 dead letter put back to work.'],
    failure: 'There is no dead letter alert:nobody:1:dm.',
  });
});
