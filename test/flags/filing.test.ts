import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

const ALERTS = 'FLAG_CONSOLE_ALERTS_AUTO_TICKET';
const INVESTIGATE = 'FLAG_CONSOLE_INVESTIGATE_FROM_STATUS';
let house: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof house.process>;
let two: ReturnType<typeof house.process>;
beforeAll(async () => {
  house = await startEnvironment();
  one = house.process();
  two = house.process();
});
afterEach(async () => {
  await one.flags.set(ALERTS, true, 'test');
  await one.flags.set(INVESTIGATE, true, 'test');
});
afterAll(() => house.close());

const tickets = (id: string) => house.tickets().filter(({ subject }) => subject.includes(id));
/** A little more than the second within which every process obeys. */
const aSecond = () => new Promise((resolve) => setTimeout(resolve, 1_000));

it('a flip in one process is obeyed by another within a second', async () => {
  expect(await two.flags.isOn(ALERTS)).toBe(true);
  await one.flags.set(ALERTS, false, 'mia');
  await aSecond();
  await two.fire('after-the-flip');
  await house.settled();
  expect(tickets('after-the-flip')).toEqual([]);
  await one.flags.set(ALERTS, true, 'mia');
  await aSecond();
  await two.fire('after-the-flip');
  await house.settled();
  expect(tickets('after-the-flip')).toHaveLength(1);
});

it('each flip is audited with who did it', async () => {
  const rows = (await house.audit('console.flags.changed')).filter(({ actor }) => actor === 'mia');
  expect(rows.map(({ payload }) => payload)).toEqual([
    { flag: ALERTS, enabled: false, by: 'mia' },
    { flag: ALERTS, enabled: true, by: 'mia' },
  ]);
});

it('surfaces obey it as well: an outage is told, and filed once the flag is on', async () => {
  await one.flags.set(ALERTS, false, 'test');
  await one.check('flagged', 'up', 'down', 'down');
  await house.settled();
  expect(tickets('(flagged)')).toEqual([]);
  expect(house.openings().filter(({ text }) => text.includes('flagged'))).toHaveLength(1);
  await one.flags.set(ALERTS, true, 'test');
  await one.check('flagged', 'down');
  await eventually(() => expect(tickets('(flagged)')).toHaveLength(1));
});

it('each path has its own flag: with Investigate off a click is refused, and alerts are filed', async () => {
  await one.flags.set(INVESTIGATE, false, 'test');
  await one.check('clicked', 'up', 'down');
  await expect(one.investigate('clicked', 'mia')).rejects.toMatchObject({ status: 403, code: 'feature_disabled' });
  await house.settled();
  expect(tickets('(clicked)')).toHaveLength(1);
});

it('with alerts off a click files all the same', async () => {
  await one.flags.set(ALERTS, false, 'test');
  await one.check('by-hand', 'up', 'down');
  expect(await one.investigate('by-hand', 'mia')).toMatchObject({ degraded: false, idempotent: false });
  await house.settled();
  expect(tickets('(by-hand)').map(({ tags }) => tags.toSorted())).toEqual([['auto:status', 'auto:status:by-hand']]);
});

it('the break-glass forces off whatever is stored, and cannot be flipped on', async () => {
  await Promise.all([one.stop(), two.stop()]);
  const forced = house.process({ flags: { ...house.config.flags, [ALERTS]: { forcedOff: true, default: false } } });
  await forced.fire('glass');
  await house.settled();
  expect(tickets('glass')).toEqual([]);
  expect(house.openings().filter(({ text }) => text.includes('glass'))).toHaveLength(1);
  await expect(forced.flags.set(ALERTS, true, 'mia')).rejects.toMatchObject({ status: 409, code: 'forced_off' });
  expect((await forced.flags.list()).find(({ name }) => name === ALERTS)).toMatchObject({
    enabled: false,
    forced_off: true,
  });
  await forced.stop();
  one = house.process();
  await one.fire('glass');
  await house.settled();
  expect(tickets('glass')).toHaveLength(1);
});

it('an environment with 0 is that break-glass, and 1 only the default', async () => {
  const { readConfig } = await import('../../src/config/config.ts');
  const flagsOf = (value: string) => readConfig({ ...house.settings, [ALERTS]: value }).flags[ALERTS];
  expect([flagsOf('0'), flagsOf('1'), flagsOf('')]).toEqual([
    { forcedOff: true, default: false },
    { forcedOff: false, default: true },
    { forcedOff: false, default: true },
  ]);
});
