import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHeartbeat } from '../../src/app/heartbeat.ts';
import { createOutgoing } from '../../src/net/outgoing.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

/** A dead man's switch whose answer a test chooses. */
const server = createServer((request, response) => {
  requested.push(`${request.method} ${request.url}`);
  response.writeHead(status).end();
});
const requested: string[] = [];
let status = 200;
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
});
afterAll(async () => {
  server.close();
  await database.drop();
});

async function beat(): Promise<string[]> {
  const outcomes: string[] = [];
  await createHeartbeat({
    pool: database.pool,
    outgoing: createOutgoing(),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ping/5f0c1d3a?status=up`,
    pollIntervalSeconds: 30,
    onOutcome: (outcome) => outcomes.push(outcome),
  })(AbortSignal.timeout(60_000));
  return outcomes;
}

it('a heartbeat requests the whole address while surfaces are checked in time', async () => {
  await database.pool.query(
    "insert into surfaces (id, position, config, next_check_at) values ('api', 1, '{}', now() - interval '5 s')",
  );
  expect(await beat()).toEqual(['sent']);
  expect(requested).toEqual(['GET /ping/5f0c1d3a?status=up']);
});

it('a heartbeat that is refused fails without its address, which may hold a secret', async () => {
  status = 404;
  await expect(beat()).rejects.toThrow(/^HEARTBEAT_URL answered 404$/);
  status = 200;
});

it('a heartbeat is withheld while checks are late', async () => {
  await database.pool.query("update surfaces set next_check_at = now() - interval '10 minutes'");
  const before = requested.length;
  expect(await beat()).toEqual(['withheld']);
  expect(requested).toHaveLength(before);
});
