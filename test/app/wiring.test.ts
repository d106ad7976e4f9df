import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
beforeAll(async () => {
  environment = await startEnvironment();
});
afterAll(() => environment.close());

test('an outage becomes one tagged ticket, one audit row and one direct message, and repeats change nothing', async () => {
  const one = environment.process();
  await one.check('api', 'up', 'down');
  await eventually(async () => expect(await environment.audit('console.alerts.ticket_filed')).toHaveLength(1));
  await one.check('api', 'down', 'down', 'down', 'down');
  await eventually(() => expect(environment.openings()).toHaveLength(1));
  expect(environment.tickets()).toHaveLength(1);
  expect(environment.tickets()[0]?.subject).toMatch(/^\[AT-[0-9A-Z]{10}\] P1: Surface api is DOWN \(api\)$/);
});
