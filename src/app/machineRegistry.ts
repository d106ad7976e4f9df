import { alertMachine } from '../../machines/alert/machine.ts';
import { connectionMachine } from '../../machines/connection.ts';
import { deadLetterAlarmMachine } from '../../machines/deadLetterAlarm.ts';
import { groupedMessageMachine } from '../../machines/groupedMessage.ts';
import { helpdeskBreakerMachine } from '../../machines/helpdeskBreaker.ts';
import { recipientMachine } from '../../machines/recipient.ts';
import { alertActor } from '../../machines/shared/actorId.ts';
import { surfaceMachine } from '../../machines/surface/machine.ts';
import { umbrellaMachine } from '../../machines/umbrella/machine.ts';
import type { UmbrellaContext } from '../../machines/umbrella/types.ts';
import { createRegistry, type MachineEntry, type PersistedSnapshot } from '../actors/registry.ts';

/**
 * Every machine with its version. A change after which a stored snapshot could not be restored (a state, an invoke or a
 * context field added, renamed or removed) raises the version and needs a migration with a fixture test. So does a change
 * of what a machine asks for, such as another effect or another kind of note or message: a process of an older release
 * then leaves it to a newer one.
 */
export const machines: readonly MachineEntry[] = [
  {
    kind: 'surface',
    machine: surfaceMachine,
    version: 3,
    migrations: { 1: surfaceFrom1, 2: withTurns },
    urgent: ['fileTicket'],
  },
  {
    kind: 'alert',
    machine: alertMachine,
    version: 7,
    migrations: { 1: alertFrom1, 2: alertFrom2, 3: alertFrom3, 4: withTurns, 5: alertFrom5, 6: alertFrom6 },
    urgent: [],
    leading: ['fileTicket'],
  },
  {
    kind: 'umbrella',
    machine: umbrellaMachine,
    version: 5,
    migrations: { 1: umbrellaFrom1, 2: umbrellaFrom2, 3: withTurns, 4: withWholeList },
    urgent: [],
    ahead: true,
    // Of the alerts that no ticket names yet there are thousands while FreeScout fails during a storm.
    longList: { field: 'members' satisfies keyof UmbrellaContext, inSnapshot: 100 },
  },
  { kind: 'connection', machine: connectionMachine, version: 1, migrations: {}, urgent: [] },
  {
    kind: 'helpdesk',
    machine: helpdeskBreakerMachine,
    version: 2,
    migrations: { 1: helpdeskFrom1 },
    urgent: [],
    ahead: true,
  },
  { kind: 'grouped', machine: groupedMessageMachine, version: 1, migrations: {}, urgent: [], ahead: true },
  { kind: 'recipient', machine: recipientMachine, version: 1, migrations: {}, urgent: [] },
  { kind: 'letters', machine: deadLetterAlarmMachine, version: 1, migrations: {}, urgent: [], ahead: true },
];

export const registry = createRegistry(machines);

/** Before alert 5, surface 3 and umbrella 4, a ticket update that failed did not give way to others. */
function withTurns({ value, ...rest }: PersistedSnapshot): PersistedSnapshot {
  const { upkeep, ...regions } = value as Record<string, unknown>;
  return { ...rest, value: { ...regions, upkeep: upkeep === 'working' ? { working: 'inTime' } : upkeep } };
}

/**
 * Version 6 did not record whether anybody was told of the episode. If that is not certain, it counts as told, so that
 * nothing that was announced lacks its end.
 */
function alertFrom6({ value, context, ...rest }: PersistedSnapshot): PersistedSnapshot {
  const { alertKey, episode, quiet, dms } = context as unknown as Alert6;
  const waiting = (value as { dm?: unknown }).dm === 'sending' ? dms.slice(1) : dms;
  const thread = `${alertActor(alertKey)}:${episode}`;
  const isUntold = quiet === true || waiting.some((dm) => dm.kind === 'opened' && dm.thread === thread);
  return { ...rest, value, context: { ...context, told: !isUntold } };
}

interface Alert6 {
  alertKey: string;
  episode: number;
  quiet?: boolean;
  dms: { kind: string; thread: string }[];
}

/** Version 5 told nobody else of a P1 that nobody is assigned to. */
function alertFrom5({ value, context, ...rest }: PersistedSnapshot): PersistedSnapshot {
  return {
    ...rest,
    value: { ...(value as object), escalation: 'idle' },
    context: { ...context, escalateAfterMs: null },
  };
}

/** Version 3 kept the title of the first emission, and had no notes about a flapping surface. */
function alertFrom3(snapshot: PersistedSnapshot): PersistedSnapshot {
  const { context } = snapshot;
  const newest = { labels: null, latestSeverity: context.severity, quiet: false, retitled: [] };
  return { ...snapshot, context: { ...newest, ...context } };
}

/** Version 1 neither counted how long a surface asked to come back later, nor looked at certificates. */
function surfaceFrom1({ value, ...rest }: PersistedSnapshot): PersistedSnapshot {
  return { ...rest, value: { ...(value as object), overload: 'none', certificate: 'valid' } };
}

/** Version 1 had one reason to suppress a ticket, the flag, with a state of its own: `flagOff`. */
function alertFrom1({ value, context, ...rest }: PersistedSnapshot): PersistedSnapshot {
  const { auto, ...same } = context;
  const { ticket, ...regions } = value as Record<string, unknown>;
  const dependencies = { under: [], namedOn: [], dependents: [], dependentsSeen: [] };
  return {
    ...rest,
    value: { ...regions, ticket: ticket === 'flagOff' ? 'heldBack' : ticket },
    context: { ...same, held: auto === true ? null : 'flag_off', ...dependencies },
  };
}

/** Version 2 did not detect senders that use a new id for each emission. */
function alertFrom2(snapshot: PersistedSnapshot): PersistedSnapshot {
  return { ...snapshot, context: { ...snapshot.context, unstable: false } };
}

/** Version 1 kept every member of the storm, and counted those that were named and those being named. */
function umbrellaFrom1({ context, ...rest }: PersistedSnapshot): PersistedSnapshot {
  const { members: all, listed = 0, listing = 0, ...same } = context as Umbrella1;
  const members = all ?? [];
  const hasTicket = Boolean(same.ticket);
  return {
    ...rest,
    context: {
      ...same,
      count: members.length,
      members: hasTicket ? members.slice(listed) : members,
      naming: hasTicket ? Math.max(0, listing - listed) : listed,
      notes: 0,
    },
  };
}

interface Umbrella1 {
  members?: unknown[];
  listed?: number;
  listing?: number;
  ticket?: unknown;
}

/** Version 2 had no ticket updates: tags that could not be set at once were left to the reconciler. */
function umbrellaFrom2({ value, context, ...rest }: PersistedSnapshot): PersistedSnapshot {
  return { ...rest, value: { ...(value as object), upkeep: 'idle' }, context: { ...context, chores: [] } };
}

/** Version 4 kept all members in the snapshot. The next step moves those that are too many. */
function withWholeList(snapshot: PersistedSnapshot): PersistedSnapshot {
  return snapshot;
}

/** Version 1 did not keep which tickets the help desk refused. */
function helpdeskFrom1(snapshot: PersistedSnapshot): PersistedSnapshot {
  return { ...snapshot, context: { ...snapshot.context, refused: [] } };
}
