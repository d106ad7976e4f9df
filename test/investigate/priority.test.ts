import { expect, onTestFinished, test } from 'vitest';
import { filed, POSTS, reportChecks } from '../support/clickEnvironment.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

test('a click goes ahead of the alerts that wait for a slow FreeScout', async () => {
  const environment = await startEnvironment({ FREESCOUT_CONCURRENCY: '2', STORM_MAX_TICKETS: '100' });
  onTestFinished(() => environment.close());
  const one = environment.process();
  await reportChecks(one, 'api', 'up', 'down');
  environment.desk.control.faults.add({ kind: 'delay', delay_ms: 700, ...POSTS });
  // More than FreeScout takes in the time that the click has for its answer, even on a busy machine.
  const alerts = Array.from({ length: 60 }, (_, n) => ({
    alert_id: `${n}-`.padEnd(20, 'x'),
    severity: 'P1' as const,
    status: 'firing' as const,
    title: `Trouble ${n}`,
  }));
  await one.aggregator.ingest('prom', alerts);
  await eventually(() => expect(environment.tickets()).not.toHaveLength(0));
  expect(await filed(one.investigate('api', 'olga'))).toMatchObject({ idempotent: false });
  expect(environment.tickets().length).toBeLessThan(alerts.length);
  environment.desk.control.faults.clear();
  await eventually(() => expect(environment.tickets()).toHaveLength(alerts.length + 1));
});
