import { expect, test } from 'vitest';
import { filed, POSTS, reportChecks } from '../support/clickEnvironment.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

test('a click goes ahead of the alerts that wait for a slow FreeScout', async () => {
  const house = await startEnvironment({ FREESCOUT_CONCURRENCY: '2' });
  const one = house.process();
  await reportChecks(one, 'api', 'up', 'down');
  house.desk.control.faults.add({ kind: 'delay', delay_ms: 700, ...POSTS });
  const alerts = Array.from({ length: 15 }, (_, n) => ({
    alert_id: `${n}-`.padEnd(20, 'x'),
    severity: 'P1' as const,
    status: 'firing' as const,
    title: `Trouble ${n}`,
  }));
  await one.aggregator.ingest('prom', alerts);
  await eventually(() => expect(house.tickets()).not.toHaveLength(0));
  expect(await filed(one.investigate('api', 'olga'))).toMatchObject({ idempotent: false });
  expect(house.tickets().length).toBeLessThan(10);
  house.desk.control.faults.clear();
  await eventually(() => expect(house.tickets()).toHaveLength(16));
  await house.close();
});
