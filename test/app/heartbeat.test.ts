import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHeartbeat } from '../../src/app/heartbeat.ts';
import { createOutgoing } from '../../src/net/outgoing.ts';
import { collectGarbage } from '../support/collectGarbage.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

/** A dead man's switch whose answer a test chooses. */
const server = createServer((request, response) => {
  requested.push(`${request.method} ${request.url}`);
  if (status === 'none') return void onSilent();
  response.writeHead(status).end();
});
const requested: string[] = [];
let status: number | 'none' = 200;
let onSilent = () => {};
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.pool.query("insert into surfaces (id, position, config) values ('api', 1, '{}')");
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await database.drop();
});

const lateBy = (seconds: number) =>
  database.pool.query('update surfaces set next_check_at = now() - make_interval(secs => $1)', [seconds]);

async function beat(limits: { timeoutMs?: number } = {}): Promise<string[]> {
  const outcomes: string[] = [];
  await createHeartbeat({
    pool: database.pool,
    outgoing: createOutgoing(),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ping/5f0c1d3a?status=up`,
    pollIntervalSeconds: 30,
    onOutcome: (outcome) => outcomes.push(outcome),
    ...limits,
  })(AbortSignal.timeout(60_000));
  return outcomes;
}

it('a heartbeat requests the whole address while surfaces are checked in time', async () => {
  await lateBy(5);
  expect(await beat()).toEqual(['sent']);
  expect(requested.at(-1)).toBe('GET /ping/5f0c1d3a?status=up');
});

it('a heartbeat that is refused fails without its address, which may hold a secret', async () => {
  await lateBy(5);
  status = 404;
  await expect(beat()).rejects.toThrow(/^HEARTBEAT_URL answered 404$/);
  status = 200;
});

it('a heartbeat without an answer ends at its time limit although garbage was collected meanwhile', async () => {
  await lateBy(5);
  status = 'none';
  const arrived = new Promise<void>((resolve) => {
    onSilent = resolve;
  });
  const ended = beat({ timeoutMs: 2_000 }).catch((error: unknown) => error);
  await arrived;
  collectGarbage();
  expect(await ended).toMatchObject({ name: 'TimeoutError' });
  status = 200;
});

it('a heartbeat is withheld while checks are late', async () => {
  await lateBy(600);
  const before = requested.length;
  expect(await beat()).toEqual(['withheld']);
  expect(requested).toHaveLength(before);
});
