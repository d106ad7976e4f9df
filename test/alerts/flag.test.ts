import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';

const FLAG = 'FLAG_CONSOLE_ALERTS_AUTO_TICKET';
let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
});
beforeEach(() => one.flags.set(FLAG, false, 'test'));
afterAll(() => environment.close());

const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.endsWith(`Trouble with ${id}`));
const messages = (id: string) => environment.openings().filter(({ text }) => text.includes(`Trouble with ${id}`));
const reasons = async (id: string) =>
  (await environment.audit('console.alerts.ticket_skipped'))
    .filter(({ payload }) => payload.alert_key === `monitor:${id}`)
    .map(({ payload }) => payload.reason);

it('while the flag is off alerts only send a direct message, and the reason is audited once', async () => {
  await one.fire('off-1', { severity: 'P1' });
  await one.fire('off-1', { severity: 'P1' });
  await one.fire('off-3', { severity: 'P3' });
  await environment.settled();
  expect([...tickets('off-1'), ...tickets('off-3')]).toEqual([]);
  expect([messages('off-1').length, messages('off-3').length]).toEqual([1, 1]);
  expect(await reasons('off-1')).toEqual(['flag_off']);
});

it('a flag turned on while an alert is active files it at its next emission', async () => {
  await one.fire('later');
  await environment.settled();
  await one.flags.set(FLAG, true, 'test');
  await environment.settled();
  expect(tickets('later')).toEqual([]);
  await one.fire('later');
  await environment.settled();
  expect(tickets('later')).toHaveLength(1);
  expect(messages('later')).toHaveLength(1);
});

it('a flag turned on after an episode has ended does not file it', async () => {
  await one.fire('over');
  await one.resolve('over');
  await one.flags.set(FLAG, true, 'test');
  await one.resolve('over');
  await environment.settled();
  expect(tickets('over')).toEqual([]);
});

it('a flag turned off between emission and POST prevents the POST', async () => {
  await one.flags.set(FLAG, true, 'test');
  // The process caches the flag for half a second; admission reads it again before the POST.
  expect(await one.flags.isOn(FLAG)).toBe(true);
  await environment.process().flags.set(FLAG, false, 'another process');
  await one.fire('crossed');
  await environment.settled();
  expect(tickets('crossed')).toEqual([]);
  expect(messages('crossed')).toHaveLength(1);
  expect(await reasons('crossed')).toEqual(['flag_off']);
});

it('a ticket that was filed before the flag was turned off still gets notes', async () => {
  await one.flags.set(FLAG, true, 'test');
  await one.fire('filed', { severity: 'P2' });
  await environment.settled();
  await one.flags.set(FLAG, false, 'test');
  await one.fire('filed', { severity: 'P1' });
  await one.resolve('filed');
  await environment.settled();
  expect(environment.notes(tickets('filed')[0]?.id)).toEqual([
    expect.stringContaining('P1'),
    expect.stringContaining('Resolved'),
  ]);
});

it('a flag turned off and on while FreeScout fails leads to one ticket', async () => {
  await one.flags.set(FLAG, true, 'test');
  environment.desk.control.faults.add({ kind: 'status', status: 429, path: '/api/' });
  await one.fire('both');
  await environment.settled();
  await one.flags.set(FLAG, false, 'test');
  await environment.hurry('timer:helpdesk:%betweenTries%');
  await environment.settled();
  environment.desk.control.faults.clear();
  await one.flags.set(FLAG, true, 'test');
  await one.fire('both');
  await environment.settled();
  await environment.hurry('timer:helpdesk:%betweenTries%');
  await environment.settled();
  await environment.settled();
  expect(tickets('both')).toHaveLength(1);
});
