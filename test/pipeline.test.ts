import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openHouse } from './support/house.ts';

let house: Awaited<ReturnType<typeof openHouse>>;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const eventually = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 15_000, interval: 50 });

test('an outage becomes one tagged ticket, one audit row and one direct message, and repeats change nothing', async () => {
  const one = house.process();
  await one.check('api', 'up', 'down');
  await eventually(async () => expect(await house.audit('console.alerts.ticket_filed')).toHaveLength(1));
  await one.check('api', 'down', 'down', 'down', 'down');
  await eventually(() => expect(house.openings()).toHaveLength(1));
  expect(house.tickets()).toHaveLength(1);
  expect(house.tickets()[0]?.subject).toMatch(/^\[AT-[0-9A-Z]{10}\] P1: Surface api is DOWN \(api\)$/);
});

test('fifty clicks through two processes file one ticket: one false, forty-nine true, fifty audit rows', async () => {
  const [one, two] = [house.process(), house.process()];
  await one.check('web', 'up', 'down');
  await eventually(async () => expect(await house.audit('console.alerts.ticket_filed')).toHaveLength(2));
  const before = house.tickets().length;
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => (n % 2 ? one : two).investigate('web', `operator ${n}`)),
  );
  expect(answers.filter((each) => !each.degraded && !each.idempotent)).toHaveLength(1);
  expect(answers.filter((each) => !each.degraded && each.idempotent)).toHaveLength(49);
  expect(await house.audit('console.status.ticket_filed')).toHaveLength(50);
  expect(house.tickets()).toHaveLength(before + 1);
});
