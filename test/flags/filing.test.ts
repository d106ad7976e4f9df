import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

const ALERTS = 'FLAG_CONSOLE_ALERTS_AUTO_TICKET';
const INVESTIGATE = 'FLAG_CONSOLE_INVESTIGATE_FROM_STATUS';
let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
let two: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
  two = environment.process();
});
afterEach(async () => {
  await flip(ALERTS, true);
  await flip(INVESTIGATE, true);
});
afterAll(() => environment.close());

/** Sets a flag, and waits until both processes see it: either may take the next step of an alert. */
async function flip(flag: typeof ALERTS | typeof INVESTIGATE, enabled: boolean): Promise<void> {
  await one.flags.set(flag, enabled, 'test');
  await eventually(async () => expect(await two.flags.isOn(flag)).toBe(enabled));
}

const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.includes(id));

it('a flip in one process takes effect in another process', async () => {
  const seenBy = async (enabled: boolean) => eventually(async () => expect(await two.flags.isOn(ALERTS)).toBe(enabled));
  await seenBy(true);
  await one.flags.set(ALERTS, false, 'mia');
  await seenBy(false);
  await two.fire('after-the-flip');
  await environment.settled();
  expect(tickets('after-the-flip')).toEqual([]);
  await one.flags.set(ALERTS, true, 'mia');
  await seenBy(true);
  await two.fire('after-the-flip');
  await environment.settled();
  expect(tickets('after-the-flip')).toHaveLength(1);
});

it('each flip is audited with the person who made it', async () => {
  await one.flags.set(ALERTS, false, 'olga');
  await one.flags.set(ALERTS, true, 'olga');
  const rows = (await environment.audit('console.flags.changed')).filter(({ actor }) => actor === 'olga');
  expect(rows.map(({ payload }) => payload)).toEqual([
    { flag: ALERTS, enabled: false, by: 'olga' },
    { flag: ALERTS, enabled: true, by: 'olga' },
  ]);
});

it('an outage of a surface sends a message while the flag is off, and is filed once the flag is on', async () => {
  await flip(ALERTS, false);
  await one.check('flagged', 'up', 'down', 'down');
  await environment.settled();
  expect(tickets('(flagged)')).toEqual([]);
  expect(environment.openings().filter(({ text }) => text.includes('flagged'))).toHaveLength(1);
  await flip(ALERTS, true);
  await one.check('flagged', 'down');
  await eventually(() => expect(tickets('(flagged)')).toHaveLength(1));
});

it('with Investigate off a click is refused and alerts are still filed', async () => {
  await flip(INVESTIGATE, false);
  await one.check('clicked', 'up', 'down');
  await expect(one.investigate('clicked', 'mia')).rejects.toMatchObject({ status: 403, code: 'feature_disabled' });
  await environment.settled();
  expect(tickets('(clicked)')).toHaveLength(1);
});

it('with alert tickets off a click still files', async () => {
  await flip(ALERTS, false);
  await one.check('by-hand', 'up', 'down');
  expect(await one.investigate('by-hand', 'mia')).toMatchObject({ degraded: false, idempotent: false });
  await environment.settled();
  expect(tickets('(by-hand)').map(({ tags }) => tags.toSorted())).toEqual([['auto:status', 'auto:status:by-hand']]);
});

it('the break-glass forces a flag off whatever is stored, and the flag cannot be flipped on', async () => {
  await Promise.all([one.stop(), two.stop()]);
  const forced = environment.process({
    flags: { ...environment.config.flags, [ALERTS]: { forcedOff: true, default: false } },
  });
  await forced.fire('glass');
  await environment.settled();
  expect(tickets('glass')).toEqual([]);
  expect(environment.openings().filter(({ text }) => text.includes('glass'))).toHaveLength(1);
  await expect(forced.flags.set(ALERTS, true, 'mia')).rejects.toMatchObject({ status: 409, code: 'forced_off' });
  expect((await forced.flags.list()).find(({ name }) => name === ALERTS)).toMatchObject({
    enabled: false,
    forced_off: true,
  });
  await forced.stop();
  one = environment.process();
  two = environment.process();
  await one.fire('glass');
  await environment.settled();
  expect(tickets('glass')).toHaveLength(1);
});

it('the environment variable of a flag forces it off with 0, and is only its default with 1', async () => {
  const { readConfig } = await import('../../src/config/config.ts');
  const flagsOf = (value: string) => readConfig({ ...environment.settings, [ALERTS]: value }).flags[ALERTS];
  expect([flagsOf('0'), flagsOf('1'), flagsOf('')]).toEqual([
    { forcedOff: true, default: false },
    { forcedOff: false, default: true },
    { forcedOff: false, default: true },
  ]);
});
