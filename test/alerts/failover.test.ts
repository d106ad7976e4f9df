import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { createLog } from '../../src/log/log.ts';
import { type RestartableDatabase, startRestartableDatabase } from '../faults/database.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { startProcess } from '../support/startProcess.ts';
import { startTcpRelay, type TcpRelay } from '../support/tcpRelay.ts';

/** The program on a Postgres with a synchronous standby, both under one address. */

let dir: string;
let database: RestartableDatabase;
let relay: TcpRelay;
let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof startProcess>;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-standby-'));
  // Postgres may run as another user, which must be able to enter its folder in this one.
  await chmod(dir, 0o711);
  database = await startRestartableDatabase(join(dir, 'postgres'));
  await migrate(database.url, createLog({ level: 'silent' }));
});
// A hook of its own, because it takes as long as all of the first one.
beforeAll(() => database.addStandby());
beforeAll(async () => {
  // For FreeScout and Slack; its database stays unused.
  environment = await startEnvironment({ FREESCOUT_IN_DOUBT_SECONDS: '15' });
  relay = await startTcpRelay(database.url);
  one = startProcess(environment.config, relay.url, environment.lines);
});
afterAll(async () => {
  await one.stop();
  await relay.stop();
  await environment.close();
  await database.stop();
  await rm(dir, { recursive: true, force: true });
});

/** The primary ends for good. From then on the address leads to the standby. */
async function failOver(): Promise<void> {
  relay.blockNew(true);
  relay.freeze();
  await database.failOver();
  relay.leadTo(database.url);
  relay.blockNew(false);
  relay.dropFrozen();
}

const ids = ['before', 'meanwhile', 'after'];
const ticketsOf = (id: string) => environment.tickets().filter(({ subject }) => subject.endsWith(`Trouble with ${id}`));
const openingsOf = (id: string) =>
  environment.openings().filter((message) => JSON.stringify(message).includes(`Trouble with ${id}`));

it('alerts before, during and after a failover to a standby have one ticket, one audit row and one message each', async () => {
  await one.fire('before');
  await eventually(() => expect(ticketsOf('before')).toHaveLength(1));
  // The primary ends while FreeScout creates this ticket.
  environment.desk.control.faults.add({
    kind: 'delay',
    delay_ms: 1_500,
    times: 1,
    method: 'POST',
    path: '/api/conversations$',
  });
  await one.fire('meanwhile');
  await eventually(() => expect(environment.desk.control.faults.list()).toEqual([]));
  await failOver();
  await eventually(() => one.fire('after'));
  // Each is repeated, as senders do.
  for (const id of ids) await eventually(() => one.fire(id));

  await eventually(async () => {
    expect(await database.rows("select src from effects where status in ('pending', 'running')")).toEqual([]);
    expect(ids.map((id) => [ticketsOf(id).length, openingsOf(id).length])).toEqual(ids.map(() => [1, 1]));
  });
  const audited = await database.rows<{ key: string }>(
    "select payload->>'alert_key' as key from audit_log where action = 'console.alerts.ticket_filed' order by 1",
  );
  expect(audited.map(({ key }) => key)).toEqual(ids.map((id) => `monitor:${id}`).toSorted());
});
