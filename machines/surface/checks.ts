import { surfaceActor, surfaceIdOfActor } from '../shared/actorId.ts';
import { queued } from '../shared/pendingUpdates.ts';
import { instantOf, type NoteAbout, type TicketUpdate } from '../shared/protocol.ts';
import { recentCounted, recentForgotten } from './instability.ts';
import { identityOfOutage, outageClosed, outagesForgotten } from './outages.ts';
import type { CheckedEvent, Outcome, Policy, Status, SurfaceContext } from './types.ts';

/** Checks: how they are counted, and how they change the status of a surface. Pure. */

type Change = Partial<SurfaceContext>;

export const initialContext = (actorId: string): SurfaceContext => {
  const surfaceId = surfaceIdOfActor(actorId);
  return {
    surfaceId,
    name: surfaceId,
    policy: { failuresToOpen: 2, successesToClose: 2, severity: { degraded: 'P3', down: 'P1' } },
    status: 'UNKNOWN',
    since: null,
    streak: { outcome: 'up', count: 0 },
    bad: 0,
    confirmedAt: null,
    error: null,
    alerting: null,
    maintenance: null,
    clicks: [],
    round: null,
    filings: 0,
    tickets: [],
    said: 0,
    chores: [],
  };
};

/** Counters stop at the last number that matters, so that a surface whose checks all agree never changes. */
export function counted(context: SurfaceContext, check: CheckedEvent): Change {
  const { streak, bad } = context;
  const { failuresToOpen, successesToClose, severity, certificate } = check;
  const outcome = check.overloaded && context.overloadedTooLong ? 'down' : check.outcome;
  const enough = Math.max(failuresToOpen, successesToClose);
  return {
    name: check.name,
    policy: { failuresToOpen, successesToClose, severity, ...optionalPolicy(check) },
    streak: { outcome, count: streak.outcome === outcome ? Math.min(streak.count + 1, enough) : 1 },
    bad: outcome === 'up' ? 0 : Math.min(bad + 1, enough),
    ...inServiceCounted(context, enough),
    ...recentCounted(context, outcome !== 'up', check.unstableWindow),
    ...(certificate && { certificate }),
    ...(certificate === null && context.certificate && { certificate }),
  };
}

/** Checks after a maintenance, until as many are counted as may confirm a status. */
const inServiceCounted = ({ maintenance, checksInService }: SurfaceContext, enough: number): Change =>
  maintenance !== null || checksInService === undefined || checksInService >= enough
    ? {}
    : { checksInService: checksInService + 1 };

const optionalPolicy = ({ flap, reopenWithinMs, unstableWindow, overloadGraceMs }: CheckedEvent): Partial<Policy> => ({
  ...(flap && { flap }),
  ...(reopenWithinMs && { reopenWithinMs }),
  ...(unstableWindow !== undefined && { unstableWindow }),
  ...(overloadGraceMs !== undefined && { overloadGraceMs }),
});

export const isConfirmed = ({ streak }: SurfaceContext, outcome: Outcome, times: number): boolean =>
  streak.outcome === outcome && streak.count >= times;

/** `since` stays if the status does: a suspicion that was not confirmed leaves no trace. */
export const statusSet = (context: SurfaceContext, status: Status, event: object): Change =>
  context.status === status ? {} : { status, since: instantOf(event) || null };

export const outageSet = (context: SurfaceContext, status: 'DEGRADED' | 'DOWN', event: object): Change => ({
  ...statusSet(context, status, event),
  confirmedAt: context.confirmedAt ?? identityOfOutage(context, event),
  error: 'error' in event && typeof event.error === 'string' ? event.error : null,
});

/** Degraded, since half of the recent checks failed. The text has no count, so that repeated emissions are equal. */
export const unstableSet = (context: SurfaceContext, event: object): Change => ({
  ...outageSet(context, 'DEGRADED', event),
  unstable: true,
  error: `unstable: at least half of the last ${context.policy.unstableWindow} checks failed`,
});

const noOutage: Change = { confirmedAt: null, error: null, alerting: null };

export const checksForgotten = (context: SurfaceContext): Change => ({
  streak: { outcome: context.streak.outcome, count: 0 },
  ...recentForgotten(context),
  bad: 0,
  ...noOutage,
  ...outagesForgotten(context),
});

/** The outage ends. Every ticket that a click filed gets a note. */
export function recovered(context: SurfaceContext, event: object): Change {
  const { surfaceId, name, since, said, tickets, chores } = context;
  const about: NoteAbout = { what: 'recovered', name, since, at: instantOf(event) };
  const notes = tickets.map(
    ({ id }, n): TicketUpdate => ({ kind: 'note', id: noteId(surfaceId, said + n + 1), ticketId: id, about }),
  );
  return {
    ...noOutage,
    ...outageClosed(context, event),
    ...recentForgotten(context),
    said: said + notes.length,
    chores: queued(chores, ...notes),
  };
}

export const noteId = (surfaceId: string, n: number): string => `${surfaceActor(surfaceId)}:note:${n}`;
