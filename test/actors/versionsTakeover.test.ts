import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { alertMachine } from '../../machines/alert/machine.ts';
import type { MachineEntry, PersistedSnapshot } from '../../src/actors/registry.ts';
import { machines } from '../../src/app/machineRegistry.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
beforeAll(async () => {
  environment = await startEnvironment();
});
afterAll(() => environment.close());

/** The next release: alerts know a runbook, and have a state more in which somebody looks after them. */
const { states, context } = alertMachine.config;
const nextMachine = createMachine(
  {
    ...alertMachine.config,
    context: (given: never) => ({ ...(context as (given: never) => object)(given), runbook: null }),
    states: { ...states, care: { initial: 'nobody', states: { nobody: { on: { TAKEN: 'somebody' } }, somebody: {} } } },
  } as never,
  alertMachine.implementations as never,
);
const nextRelease: readonly MachineEntry[] = machines.map((entry) =>
  entry.kind === 'alert'
    ? {
        ...entry,
        machine: nextMachine,
        version: entry.version + 1,
        migrations: { ...entry.migrations, [entry.version]: careful },
      }
    : entry,
);
const nextVersion = nextRelease.find(({ kind }) => kind === 'alert')?.version;
function careful(snapshot: PersistedSnapshot): PersistedSnapshot {
  return {
    ...snapshot,
    value: { ...(snapshot.value as object), care: 'nobody' },
    context: { ...snapshot.context, runbook: null },
  };
}

const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.endsWith(`Trouble with ${id}`));
const audited = async (id: string) =>
  (await environment.audit('console.alerts.ticket_filed')).filter(
    ({ payload }) => payload.alert_key === `monitor:${id}`,
  ).length;
const openings = (id: string) =>
  environment.openings().filter(({ text }) => text.includes(`Trouble with ${id}`)).length;
const row = async (id: string) =>
  (
    await environment.pool.query("select version, state, snapshot->'context' as context from actors where id = $1", [
      `alert:monitor:${id}`,
    ])
  ).rows[0];
const posts = () =>
  environment.desk.state.requests.filter(({ method, url }) => method === 'POST' && url === '/api/conversations').length;

it('a release that takes over in the middle of a filing files nothing twice', async () => {
  const old = environment.process();
  environment.desk.control.faults.add({
    kind: 'delay',
    method: 'POST',
    path: '/api/conversations$',
    delay_ms: 1_200,
    times: 1,
  });
  const before = posts();
  await old.fire('taken-over', { severity: 'P2' });
  await eventually(() => expect(posts()).toBe(before + 1));

  const next = environment.process({}, nextRelease);
  await next.fire('taken-over', { severity: 'P1' });
  const { version } = await row('taken-over');
  expect(version).toBe(nextVersion);
  await eventually(async () => expect(await audited('taken-over')).toBe(1));
  await environment.settled();
  expect(tickets('taken-over')).toHaveLength(1);
  expect(openings('taken-over')).toBe(2);
  expect(await row('taken-over')).toMatchObject({
    state: { ticket: 'ticketed', care: 'nobody' },
    context: { runbook: null, ticket: { id: tickets('taken-over')[0]?.id } },
  });
  await old.stop();
  await next.stop();
});

it('a release that is stopped in the middle of a filing leaves it to the next, which files nothing twice', async () => {
  const old = environment.process();
  environment.desk.control.faults.add({
    kind: 'delay',
    method: 'POST',
    path: '/api/conversations$',
    delay_ms: 1_000,
    times: 1,
  });
  const before = posts();
  await old.fire('stopped', { severity: 'P1' });
  await eventually(() => expect(posts()).toBe(before + 1));
  await old.stop();
  const next = environment.process({}, nextRelease);
  await next.fire('stopped', { severity: 'P1' });
  await eventually(async () => {
    await environment.hurry('effect:alert:monitor:stopped:%');
    expect(await audited('stopped')).toBe(1);
  });
  await environment.settled();
  expect(tickets('stopped')).toHaveLength(1);
  await next.stop();
});

it('while two releases run, an alert that both receive has one ticket, one audit row and one message', async () => {
  const both = [environment.process(), environment.process({}, nextRelease)];
  await Promise.all(Array.from({ length: 12 }, (_, n) => both[n % 2]?.fire('both')));
  await eventually(async () => expect(await audited('both')).toBe(1));
  await environment.settled();
  expect([tickets('both').length, await audited('both'), openings('both')]).toEqual([1, 1, 1]);
  await Promise.all(both.map((each) => each.stop()));
});

it('an alert that ends and fires again while its events wait for the newer release is active in the end', async () => {
  const first = environment.process({}, nextRelease);
  await first.fire('rolled-back');
  await first.resolve('rolled-back');
  await first.stop();
  // So long ago that the next resolution does not count as its repetition.
  await environment.pool.query("update alert_resolutions set received_at = received_at - interval '2 hours'");
  const old = environment.process();
  const states: unknown[] = [];
  for (const send of [old.fire, old.resolve, old.fire])
    states.push((await send('rolled-back')).alerts.map(({ state }) => state));
  expect(states).toEqual([['accepted'], ['accepted'], ['accepted']]);
  const next = environment.process({}, nextRelease);
  await eventually(async () =>
    expect(await row('rolled-back')).toMatchObject({ context: { active: true, episode: 3 } }),
  );
  await environment.settled();
  await old.stop();
  await next.stop();
});

it('the next release continues with the snapshots of the old one', async () => {
  const old = environment.process();
  await old.fire('continued');
  await eventually(async () => expect(await audited('continued')).toBe(1));
  await environment.settled();
  await old.stop();
  const next = environment.process({}, nextRelease);
  await next.deliver([{ to: 'alert:monitor:continued', event: { type: 'TAKEN' } }]);
  await next.resolve('continued');
  await environment.settled();
  expect(await row('continued')).toMatchObject({ version: nextVersion, state: { care: 'somebody', life: 'resolved' } });
  expect(environment.notes(tickets('continued')[0]?.id)).toEqual([expect.stringContaining('Resolved')]);
  await next.stop();
});
