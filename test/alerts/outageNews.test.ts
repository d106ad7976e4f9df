import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

const FAILING = 'FreeScout has been failing for 30 minutes';
const WORKING = 'FreeScout is working again';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
let messagesBefore = 0;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
});
beforeEach(() => {
  messagesBefore = environment.openings().length;
});
afterEach(async () => {
  await repair();
  await environment.settled();
});
afterAll(() => environment.close());

/** Headlines of the messages about the help desk that were sent during this test. */
const news = () =>
  environment
    .openings()
    .slice(messagesBefore)
    .map(({ text }) => text.split('\n')[0])
    .filter((text) => text?.startsWith('FreeScout '));
const state = async () =>
  (await environment.pool.query("select state from actors where id = 'helpdesk'")).rows[0]?.state ?? 'working';
const halfAnHourPasses = () => environment.hurry('timer:helpdesk:%beforeTelling%');
const tryAgain = () => environment.hurry('timer:helpdesk:%betweenTries%');

/** The help desk fails until an alert has noticed it. */
async function fail(alertId: string) {
  environment.desk.control.faults.add({ kind: 'status', status: 429, path: '/api/' });
  await one.fire(alertId);
  await environment.settled();
  await eventually(async () => expect(await state()).toHaveProperty('failing'));
}
async function repair() {
  environment.desk.control.faults.clear();
  await tryAgain();
  await eventually(async () => expect(await state()).toBe('working'));
}

it('an outage of 30 minutes is announced once, however long it lasts, and its end once', async () => {
  await fail('long-outage');
  const { rows } = await environment.pool.query(
    "select ceil(extract(epoch from due_at - now()) / 60)::int as minutes from timers where timer_id like '%beforeTelling%'",
  );
  expect(rows).toEqual([{ minutes: 30 }]);

  await halfAnHourPasses();
  await eventually(() => expect(news()).toEqual([FAILING]));
  for (const _ of [1, 2, 3]) {
    await tryAgain();
    await halfAnHourPasses();
    await environment.settled();
  }
  expect(news()).toHaveLength(1);

  await repair();
  await eventually(() => expect(news()).toEqual([FAILING, WORKING]));
  await environment.settled();
  expect(environment.tickets().filter(({ subject }) => subject.endsWith('Trouble with long-outage'))).toHaveLength(1);
});

it('an outage that ends within 30 minutes is not announced', async () => {
  await fail('short-outage');
  await repair();
  await halfAnHourPasses();
  await environment.settled();
  expect(news()).toEqual([]);
});

it('an outage for which no alert waits any more ends by itself, with one message', async () => {
  await fail('resolved-outage');
  await halfAnHourPasses();
  await eventually(() => expect(news()).toEqual([FAILING]));
  await one.resolve('resolved-outage');
  await environment.settled();
  await tryAgain();
  environment.desk.control.faults.clear();
  await eventually(async () => {
    await tryAgain();
    expect(await state()).toBe('working');
  });
  await environment.settled();
  expect(news()).toEqual([FAILING, WORKING]);
  expect(environment.tickets().filter(({ subject }) => subject.endsWith('resolved-outage'))).toEqual([]);
});

it('a second long outage is announced again, after a restart too', async () => {
  await fail('first-outage');
  await halfAnHourPasses();
  await eventually(() => expect(news()).toEqual([FAILING]));
  await repair();
  await eventually(() => expect(news()).toEqual([FAILING, WORKING]));

  await fail('second-outage');
  await one.stop();
  one = environment.process();
  await halfAnHourPasses();
  await eventually(() => expect(news()).toEqual([FAILING, WORKING, FAILING]));
  await repair();
  await eventually(() => expect(news()).toEqual([FAILING, WORKING, FAILING, WORKING]));
});
