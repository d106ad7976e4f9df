import { expect, it } from 'vitest';
import type { EventObject } from 'xstate';
import type { SurfaceEmission } from '../../../machines/shared/protocol.ts';
import { minutes, paramsOf, seconds, wait } from '../support/driver.ts';
import { checked, filed } from '../support/events.ts';
import { click, maintenance, removed, surface } from './surfaceEvents.ts';

const flap = { maxOutages: 3, windowMs: minutes(60) };
const up = checked('up', { flap });
const down = checked('down', { flap });
const slow = checked('slow', { flap });
const outage = [down, down, wait(seconds(20)), up, up, wait(seconds(20))];

const identities = (emissions: SurfaceEmission[]) => [...new Set(emissions.map(({ confirmedAt }) => confirmedAt))];
const emissionsOf = (actor: ReturnType<typeof surface>, ...events: Parameters<typeof actor.take>) =>
  paramsOf<SurfaceEmission>(actor.take(...events).actions, 'emitAlert');

it('from the fourth outage in the window on, outages go on under the identity of the third', () => {
  const actor = surface();
  const first = emissionsOf(actor, up, ...outage, ...outage, ...outage);
  expect(identities(first)).toHaveLength(3);
  const later = emissionsOf(actor, ...Array(40).fill(outage).flat());
  expect(identities(later)).toEqual(identities(first).slice(-1));
});

it('the emissions of the outage that reaches the limit say that the surface is flapping, and for how long it must stay up', () => {
  const actor = surface();
  const calm = emissionsOf(actor, up, ...outage, ...outage);
  expect(calm.every(({ flapHoldMs }) => flapHoldMs === undefined)).toBe(true);
  const flapping = emissionsOf(actor, ...outage);
  expect(flapping.every(({ flapHoldMs }) => flapHoldMs === minutes(30))).toBe(true);
});

it('an outage after the surface stayed up for half of the window has an identity of its own', () => {
  const actor = surface();
  const before = emissionsOf(actor, up, ...outage, ...outage, ...outage);
  const early = emissionsOf(actor, wait(minutes(29)), down, down, up, up);
  expect(identities(early)).toEqual(identities(before).slice(-1));
  const late = emissionsOf(actor, wait(minutes(30)), down, down);
  expect(identities(before)).not.toContain(identities(late)[0]);
});

it('outages that are further apart than the window are never flapping', () => {
  const actor = surface();
  const apart = emissionsOf(
    actor,
    up,
    ...Array(6)
      .fill([...outage, wait(minutes(30))])
      .flat(),
  );
  expect(identities(apart)).toHaveLength(6);
});

it('an outage under maintenance raises no alert and does not count', () => {
  const actor = surface();
  const window = {
    type: 'MAINTENANCE_SET',
    until: '2026-05-05T14:20:00.000Z',
    reason: 'disks',
    by: 'eve',
  } as EventObject;
  const ended = { type: 'MAINTENANCE_ENDED', by: 'eve' } as EventObject;
  actor.take(up, window, ...outage, ...outage, ...outage, ended);
  expect(identities(emissionsOf(actor, ...outage, ...outage, ...outage))).toHaveLength(3);
});

it('a flapping surface that gets worse keeps its identity', () => {
  const actor = surface();
  const before = emissionsOf(actor, up, ...outage, ...outage, ...outage);
  const worse = emissionsOf(actor, slow, slow, down, down);
  expect(identities(worse)).toEqual(identities(before).slice(-1));
  expect(worse.at(-1)).toMatchObject({ severity: 'P1', status: 'firing' });
});

it('recovery notes that cannot be written are merged, and none is lost', () => {
  const actor = surface();
  actor.take(up, down, down, click('a'));
  actor.take(filed(7));
  actor.take(up, up, ...Array(10).fill(outage).flat());
  const counts = actor.context.chores.map((chore) =>
    chore.kind === 'note' && chore.about.what === 'recovered' ? (chore.about.times ?? 1) : 0,
  );
  expect(counts).toHaveLength(2);
  expect(counts.reduce((sum, n) => sum + n)).toBe(11);
});

it('an outage that begins within the window goes on under the identity of the last one, and a later one does not', () => {
  const actor = surface();
  const returning = (outcome: 'up' | 'down') => checked(outcome, { flap, reopenWithinMs: minutes(90) });
  const [bad, good] = [returning('down'), returning('up')];
  const first = emissionsOf(actor, good, bad, bad, good, good);
  expect(first.every(({ reopenWithinMs }) => reopenWithinMs === minutes(90))).toBe(true);
  const second = emissionsOf(actor, wait(minutes(89)), bad, bad, good, good);
  expect(identities(second)).toEqual(identities(first));
  const third = emissionsOf(actor, wait(minutes(90)), bad, bad);
  expect(identities(third)).not.toEqual(identities(first));
});

const takenOut = 'surface taken out of the file';

it.each([
  ['fails', [down, down]],
  ['is up', []],
  ['is up under maintenance', [maintenance]],
  ['recovered a moment ago', [down, down, up, up]],
] as [string, Parameters<ReturnType<typeof surface>['take']>][])(
  'a flapping surface that is taken out of the file while it %s ends its alert for good, once',
  (_, since) => {
    const actor = surface();
    const identity = identities(emissionsOf(actor, up, ...outage, ...outage, ...outage)).at(-1);
    actor.take(...since);
    expect(emissionsOf(actor, removed)).toMatchObject([
      { status: 'resolved', confirmedAt: identity, reason: takenOut, final: true },
    ]);
    expect(actor.take(removed)).toMatchObject({ moved: false, asks: [] });
  },
);

it('a flapping surface that comes back to the file has an alert of its own, and its outages are counted anew', () => {
  const actor = surface();
  const before = identities(emissionsOf(actor, up, ...outage, ...outage, ...outage));
  const after = emissionsOf(actor, removed, wait(seconds(30)), down, down).filter(({ status }) => status === 'firing');
  expect(after).toHaveLength(1);
  expect(before).not.toContain(after[0]?.confirmedAt);
  expect(after[0]?.flapHoldMs).toBeUndefined();
});

const met = (day: number, soon: boolean) =>
  checked('up', { flap, certificate: { expiresAt: `2026-05-${day}T00:00:00.000Z`, soon } });

it('a certificate that is met again after another one is flapping, and one that is met for the first time is not', () => {
  const actor = surface();
  const emissions = emissionsOf(actor, met(15, true), met(30, false), met(15, true), met(30, false), met(16, true));
  expect(emissions.map(({ status, flapHoldMs }) => [status, flapHoldMs])).toEqual([
    ['firing', undefined],
    ['resolved', undefined],
    ['firing', minutes(30)],
    ['resolved', minutes(30)],
    ['firing', undefined],
  ]);
  actor.take(removed);
  expect(emissionsOf(actor, met(15, true))[0]?.flapHoldMs).toBeUndefined();
});

it.each([
  ['fine', false, [15]],
  ['due too', true, [15, 30]],
])(
  'a surface taken out of the file ends the alert of a flapping certificate at once while another one is %s',
  (_what, soon, days) => {
    const actor = surface();
    actor.take(met(15, true), met(30, soon), met(15, true), met(30, soon), met(30, soon));
    const ended = emissionsOf(actor, removed);
    expect(ended.map(({ confirmedAt, status, final }) => [confirmedAt, status, final])).toEqual(
      days.map((day) => [`certificate 2026-05-${day}T00:00:00.000Z`, 'resolved', true]),
    );
    expect(emissionsOf(actor, removed)).toEqual([]);
  },
);
