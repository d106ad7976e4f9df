import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let house: Awaited<ReturnType<typeof startEnvironment>>;
beforeAll(async () => {
  house = await startEnvironment();
});
afterAll(() => house.close());

test('an outage becomes one tagged ticket, one audit row and one direct message, and repeats change nothing', async () => {
  const one = house.process();
  await one.check('api', 'up', 'down');
  await eventually(async () => expect(await house.audit('console.alerts.ticket_filed')).toHaveLength(1));
  await one.check('api', 'down', 'down', 'down', 'down');
  await eventually(() => expect(house.openings()).toHaveLength(1));
  expect(house.tickets()).toHaveLength(1);
  expect(house.tickets()[0]?.subject).toMatch(/^\[AT-[0-9A-Z]{10}\] P1: Surface api is DOWN \(api\)$/);
});
