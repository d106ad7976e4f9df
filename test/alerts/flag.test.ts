import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';

const FLAG = 'FLAG_CONSOLE_ALERTS_AUTO_TICKET';
let house: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof house.process>;
beforeAll(async () => {
  house = await startEnvironment();
  one = house.process();
});
beforeEach(() => one.flags.set(FLAG, false, 'test'));
afterAll(() => house.close());

const tickets = (id: string) => house.tickets().filter(({ subject }) => subject.endsWith(`Trouble with ${id}`));
const messages = (id: string) => house.openings().filter(({ text }) => text.includes(`Trouble with ${id}`));
const reasons = async (id: string) =>
  (await house.audit('console.alerts.ticket_skipped'))
    .filter(({ payload }) => payload.alert_key === `monitor:${id}`)
    .map(({ payload }) => payload.reason);

it('while the flag is off every severity is a direct message only, and the reason is audited once', async () => {
  await one.fire('off-1', { severity: 'P1' });
  await one.fire('off-1', { severity: 'P1' });
  await one.fire('off-3', { severity: 'P3' });
  await house.settled();
  expect([...tickets('off-1'), ...tickets('off-3')]).toEqual([]);
  expect([messages('off-1').length, messages('off-3').length]).toEqual([1, 1]);
  expect(await reasons('off-1')).toEqual(['flag_off']);
});

it('turned on while the alert is active it files at the next emission, and not before', async () => {
  await one.fire('later');
  await house.settled();
  await one.flags.set(FLAG, true, 'test');
  await house.settled();
  expect(tickets('later')).toEqual([]);
  await one.fire('later');
  await house.settled();
  expect(tickets('later')).toHaveLength(1);
  expect(messages('later')).toHaveLength(1);
});

it('turned on after the episode has ended it files nothing for it', async () => {
  await one.fire('over');
  await one.resolve('over');
  await one.flags.set(FLAG, true, 'test');
  await one.resolve('over');
  await house.settled();
  expect(tickets('over')).toEqual([]);
});

it('turned off between the emission and the POST nothing is posted', async () => {
  await one.flags.set(FLAG, true, 'test');
  // The process believes for half a second what it read last; the decision before the POST reads again.
  expect(await one.flags.isOn(FLAG)).toBe(true);
  await house.process().flags.set(FLAG, false, 'another process');
  await one.fire('crossed');
  await house.settled();
  expect(tickets('crossed')).toEqual([]);
  expect(messages('crossed')).toHaveLength(1);
  expect(await reasons('crossed')).toEqual(['flag_off']);
});

it('turned off after the ticket was filed the ticket still hears what becomes of the alert', async () => {
  await one.flags.set(FLAG, true, 'test');
  await one.fire('filed', { severity: 'P2' });
  await house.settled();
  await one.flags.set(FLAG, false, 'test');
  await one.fire('filed', { severity: 'P1' });
  await one.resolve('filed');
  await house.settled();
  expect(house.notes(tickets('filed')[0]?.id)).toEqual([
    expect.stringContaining('P1'),
    expect.stringContaining('Resolved'),
  ]);
});

it('turned off and on while FreeScout fails it files one ticket in the end', async () => {
  await one.flags.set(FLAG, true, 'test');
  house.desk.control.faults.add({ kind: 'status', status: 429, path: '/api/' });
  await one.fire('both');
  await house.settled();
  await one.flags.set(FLAG, false, 'test');
  await house.hurry('timer:helpdesk:%betweenTries%');
  await house.settled();
  house.desk.control.faults.clear();
  await one.flags.set(FLAG, true, 'test');
  await one.fire('both');
  await house.settled();
  await house.hurry('timer:helpdesk:%betweenTries%');
  await house.settled();
  await house.settled();
  expect(tickets('both')).toHaveLength(1);
});
