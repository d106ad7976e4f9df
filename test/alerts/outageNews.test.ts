import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let house: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof house.process>;
beforeAll(async () => {
  house = await startEnvironment();
  one = house.process();
});
afterAll(() => house.close());

const news = () =>
  house
    .openings()
    .map(({ text }) => text.split('\n')[0])
    .filter((text) => text?.includes('help desk'));
const tells = () => house.hurry('timer:helpdesk:%beforeTelling%');
const tries = () => house.hurry('timer:helpdesk:%betweenTries%');
const state = async () => (await house.pool.query("select state from actors where id = 'helpdesk'")).rows[0]?.state;

it('half an hour of failing is told once, however long it lasts, and its end once', async () => {
  house.desk.control.faults.add({ kind: 'status', status: 429, path: '/api/' });
  await one.fire('long-outage');
  await house.settled();
  const { rows } = await house.pool.query(
    "select round(extract(epoch from due_at - now()) / 60)::int as minutes from timers where timer_id like '%beforeTelling%'",
  );
  expect(rows).toEqual([{ minutes: 30 }]);

  await tells();
  await eventually(() => expect(news()).toEqual(['The help desk has been failing for 30 minutes']));
  for (const _ of [1, 2, 3]) {
    await tries();
    await tells();
    await house.settled();
  }
  expect(news()).toHaveLength(1);

  house.desk.control.faults.clear();
  await tries();
  await eventually(() =>
    expect(news()).toEqual(['The help desk has been failing for 30 minutes', 'The help desk is working again']),
  );
  await house.settled();
  expect(await state()).toBe('working');
  expect(house.tickets()).toHaveLength(1);
});

it('an outage that is over sooner is not told at all', async () => {
  house.desk.control.faults.add({ kind: 'status', status: 429, path: '/api/' });
  await one.fire('short-outage');
  await house.settled();
  house.desk.control.faults.clear();
  await tries();
  await eventually(async () => expect(await state()).toBe('working'));
  await tells();
  await house.settled();
  expect(news()).toHaveLength(2);
});

it('the next long outage is told anew, after a restart too', async () => {
  house.desk.control.faults.add({ kind: 'status', status: 429, path: '/api/' });
  await one.fire('second-outage');
  await house.settled();
  await one.stop();
  one = house.process();
  await tells();
  await eventually(() => expect(news()).toHaveLength(3));
  house.desk.control.faults.clear();
  await tries();
  await eventually(() => expect(news()).toHaveLength(4));
});
