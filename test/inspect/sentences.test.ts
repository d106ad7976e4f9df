import { expect, it } from 'vitest';
import { statesOf, transitionsOf } from '../../src/actors/machineShape.ts';
import { machines } from '../../src/app/machineRegistry.ts';
import { sentenceOf } from '../../src/inspect/sentences/sentenceOf.ts';

/** Every field that a sentence may name. */
const FIELDS = {
  ...{ severity: 'P1', title: 'Disk is full', held: null, outcome: 'down', error: null, targets: 2, count: 3 },
  ...{ by: 'ada', reason: 'storm', until: '2026-11-30T12:30:00.000Z', alertKey: 'prometheus:1', words: null },
  ...{ ticket: { id: 31 }, member: { title: 'Queue grows' }, who: 'alert:prometheus:1', problem: 'unavailable' },
};

const eventsOf = (kind: string): string[] => {
  const entry = machines.find((machine) => machine.kind === kind);
  if (!entry) throw new Error(`no machine ${kind}`);
  const types = statesOf(entry.machine).flatMap((state) => transitionsOf(state).map(({ eventType }) => eventType));
  return [...new Set(types)].filter((type) => type !== '');
};

it.each(machines.map(({ kind }) => kind))('every event that the machine %s handles has a sentence', (kind) => {
  const types = eventsOf(kind);
  const told = types.map((type) => sentenceOf(`${kind}:a:b`, { event: { type, ...FIELDS }, from: null, to: null }));
  expect(types.filter((_, n) => !/^\S.+\.$/.test(told[n] ?? '') || /undefined|null/.test(told[n] ?? ''))).toEqual([]);
  expect(types.filter((_, n) => told[n] === 'An event of another release.')).toEqual([]);
});

it('an event of another release is named as such', () => {
  const stored = { event: { type: 'FORGOTTEN' }, from: null, to: null };
  expect(sentenceOf('alert:a:b', stored)).toBe('An event of another release.');
  expect(sentenceOf('other:a', stored)).toBe('An event of another release.');
});

const done = (child: string, output: object) => ({ type: `xstate.done.actor.${child}`, output });

it.each([
  [
    'begins',
    { type: 'EMITTED', ...FIELDS },
    { life: 'quiet', ticket: 'none' },
    { life: 'firing', ticket: 'filing' },
    'prometheus reported the alert: P1, "Disk is full". Its ticket is being filed.',
  ],
  [
    'begins during maintenance',
    { type: 'EMITTED', ...FIELDS, held: 'maintenance' },
    { life: 'resolved', ticket: 'none' },
    { life: 'firing', ticket: 'heldBack' },
    'prometheus reported the alert: P1, "Disk is full". Its ticket is suppressed. Its surface is under maintenance.',
  ],
  [
    'returns while it is flapping',
    { type: 'EMITTED', ...FIELDS },
    { life: 'cooling', ticket: 'ticketed' },
    { life: 'firing', ticket: 'ticketed' },
    'prometheus reported it again: P1, "Disk is full". It is flapping.',
  ],
  [
    'has its ticket',
    done('file', { outcome: 'filed', ticket: { id: 31 }, created: true }),
    {},
    {},
    'Ticket #31 was filed.',
  ],
  [
    'keeps the ticket of the episode before',
    done('file', { outcome: 'filed', ticket: { id: 31 }, created: false }),
    {},
    {},
    'Ticket #31 is still open, so no new ticket was filed.',
  ],
  [
    'waits for FreeScout',
    done('file', { outcome: 'failed', problem: 'unavailable', own: false }),
    { ticket: 'filing' },
    { ticket: 'waiting' },
    'FreeScout did not file the ticket: unavailable. It will be tried again.',
  ],
  [
    'joins an alert storm',
    done('file', { outcome: 'refused', reason: 'storm' }),
    { ticket: 'filing' },
    { ticket: 'stormed' },
    'No ticket was filed. Waiting for the umbrella ticket of an alert storm.',
  ],
  [
    'is resolved by a person',
    { type: 'RESOLVED_BY_HAND', by: 'ada', reason: 'fixed' },
    { life: 'firing' },
    { life: 'resolved' },
    'ada resolved it by hand: fixed.',
  ],
  [
    'is over',
    { type: 'RESOLVED', alertId: '1', reason: null },
    { life: 'firing' },
    { life: 'resolved' },
    'prometheus reported that it is over.',
  ],
  [
    'was quiet after flapping',
    { type: 'xstate.after.flapWindow.alert.life.cooling' },
    { life: 'cooling' },
    { life: 'resolved' },
    'It has been quiet for long enough, so it ended.',
  ],
])('an alert that %s is told in words', (_, event, from, to, told) => {
  expect(sentenceOf('alert:prometheus:1f2e3d4c5b6a7980', { event, from, to })).toBe(told);
});

it('an alert of the poller names the poller in words', () => {
  const stored = {
    event: { type: 'EMITTED', ...FIELDS },
    from: null,
    to: { life: 'firing', ticket: 'belowThreshold' },
  };
  expect(sentenceOf('alert:status_poller:1f2e3d4c5b6a7980', stored)).toBe(
    'The poller reported the alert: P1, "Disk is full". It gets no ticket: P3 alerts send a direct message only.',
  );
});

const check = (outcome: string, error: string | null = null) => ({ type: 'CHECKED', outcome, error });

it.each([
  ['first good check', check('up'), null, { health: 'operational' }, 'It is OPERATIONAL.'],
  [
    'first bad check',
    check('down', 'HTTP 500'),
    { health: 'operational' },
    { health: 'suspect' },
    'A check failed: HTTP 500. Its status changes only when more checks agree.',
  ],
  ['outage', check('down', 'HTTP 500'), { health: 'suspect' }, { health: { outage: 'down' } }, 'It is DOWN: HTTP 500.'],
  [
    'expiring certificate',
    check('up'),
    { health: 'operational', certificate: 'valid' },
    { health: 'operational', certificate: 'expiring' },
    'A check succeeded. Its certificate expires soon.',
  ],
  [
    'move from https to http',
    { ...check('up'), certificate: null },
    { health: 'operational', certificate: 'expiring' },
    { health: 'operational', certificate: 'valid' },
    'A check succeeded. It answers without TLS now.',
  ],
  [
    'click',
    { type: 'INVESTIGATE', by: 'ada' },
    { investigation: 'idle' },
    { investigation: 'filing' },
    'ada clicked Investigate. A ticket is being filed.',
  ],
  [
    'maintenance window',
    { type: 'MAINTENANCE_SET', by: 'surfaces file', until: FIELDS.until, reason: 'new disks' },
    { maintenance: 'off' },
    { maintenance: 'on' },
    'The surfaces file set maintenance until 2026-11-30 12:30 UTC: new disks.',
  ],
])('a surface tells its %s in words', (_, event, from, to, told) => {
  expect(sentenceOf('surface:api-prod', { event, from, to })).toBe(told);
});
