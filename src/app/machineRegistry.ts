import { alertMachine } from '../../machines/alert/machine.ts';
import { connectionMachine } from '../../machines/connection.ts';
import { deadLetterAlarmMachine } from '../../machines/deadLetterAlarm.ts';
import { helpdeskBreakerMachine } from '../../machines/helpdeskBreaker.ts';
import { surfaceMachine } from '../../machines/surface/machine.ts';
import { umbrellaMachine } from '../../machines/umbrella/machine.ts';
import { fromVersion1 } from '../../machines/umbrella/members.ts';
import { createRegistry, type MachineEntry, type PersistedSnapshot } from '../actors/registry.ts';

/**
 * Every machine with its version. A change that a stored snapshot would not survive (a state, an invoke or
 * a context field added, renamed or removed) raises the version and brings a migration with a fixture test.
 */
export const machines: readonly MachineEntry[] = [
  { kind: 'surface', machine: surfaceMachine, version: 1, migrations: {}, urgent: true },
  {
    kind: 'alert',
    machine: alertMachine,
    version: 3,
    migrations: { 1: alertKnowsHolds, 2: alertKnowsItsIds },
    urgent: false,
  },
  {
    kind: 'umbrella',
    machine: umbrellaMachine,
    version: 3,
    migrations: {
      1: (snapshot) => ({ ...snapshot, context: fromVersion1(snapshot.context) }),
      2: umbrellaHasDuties,
    },
    urgent: false,
    ahead: true,
  },
  { kind: 'connection', machine: connectionMachine, version: 1, migrations: {}, urgent: false },
  { kind: 'helpdesk', machine: helpdeskBreakerMachine, version: 1, migrations: {}, urgent: false, ahead: true },
  { kind: 'letters', machine: deadLetterAlarmMachine, version: 1, migrations: {}, urgent: false, ahead: true },
];

/** What held a ticket back was the flag alone, in a state of that name. */
function alertKnowsHolds({ value, context, ...rest }: PersistedSnapshot): PersistedSnapshot {
  const { auto, ...kept } = context;
  const { ticket, ...regions } = value as Record<string, unknown>;
  return {
    ...rest,
    value: { ...regions, ticket: ticket === 'flagOff' ? 'heldBack' : ticket },
    context: {
      ...kept,
      held: auto === true ? null : 'flag_off',
      under: [],
      namedOn: [],
      dependents: [],
      dependentsSeen: [],
    },
  };
}

function alertKnowsItsIds(snapshot: PersistedSnapshot): PersistedSnapshot {
  return { ...snapshot, context: { ...snapshot.context, unstable: false } };
}

/** A ticket that could not be tagged at once was left to the reconciler. */
function umbrellaHasDuties({ value, context, ...rest }: PersistedSnapshot): PersistedSnapshot {
  return { ...rest, value: { ...(value as object), upkeep: 'idle' }, context: { ...context, chores: [] } };
}

export const registry = createRegistry(machines);
