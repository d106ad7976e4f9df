import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createSurfacePoller } from '../../src/app/surfaceChecks.ts';
import { createLog } from '../../src/log/log.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
beforeAll(async () => {
  environment = await startEnvironment();
});
afterAll(() => environment.close());

/** An address that answers every check with this HTTP status. */
async function startTarget(status: number): Promise<{ url: string; close(): void }> {
  const server = createServer((_, response) => response.writeHead(status).end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

it('when the alert of an outage is stored, the time of its emission is stored too', async () => {
  const program = environment.process();
  const target = await startTarget(500);
  await environment.surfaces({ id: 'api', url: target.url, failures_to_open: 1 });
  let letGo: () => void = () => undefined;
  const blocked = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const poller = createSurfacePoller({
    pool: environment.pool,
    deliver: program.deliver,
    // Without the write in the transaction of the delivery, no time would be stored while the test runs.
    lastSeen: { ...program.lastSeen, recordSeen: () => blocked },
    config: {
      ...environment.config,
      surfaces: { ...environment.config.surfaces, allowPrivate: true, pollIntervalSeconds: 1 },
    },
    log: createLog({ level: 'silent' }),
    metrics: program.metrics,
  });
  poller.start();
  onTestFinished(async () => {
    letGo();
    await poller.stop();
    target.close();
  });
  const alertKeys = async () =>
    (await environment.pool.query<{ key: string }>("select substr(id, 7) as key from actors where kind = 'alert'"))
      .rows;
  const [alert] = await eventually(async () => {
    const found = await alertKeys();
    expect(found).toHaveLength(1);
    return found;
  });
  const { rows } = await environment.pool.query('select alert_key as key from alert_sightings');
  expect(rows).toEqual([alert]);
});
