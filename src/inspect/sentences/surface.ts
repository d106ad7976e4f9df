import type { surfaceMachine } from '../../../machines/surface/machine.ts';
import { SET_BY_FILE } from '../../../machines/surface/maintenanceWindow.ts';
import type { CheckedEvent, Outcome, SurfaceEvent } from '../../../machines/surface/types.ts';
import { type ChangeOf, joined, type Sentences } from './sentences.ts';
import { chore, file, settle, sharedTimers } from './shared.ts';

type SurfaceChange = ChangeOf<typeof surfaceMachine>;

const CHECKS: Record<Outcome, string> = {
  up: 'A check succeeded',
  slow: 'A check was slow',
  down: 'A check failed',
};

function statusText({ outcome, error }: CheckedEvent, change: SurfaceChange): string {
  const why = error ? `: ${error}` : '';
  const check = `${CHECKS[outcome]}${why}.`;
  if (change.entered('health.outage.down')) return `It is DOWN${why}.`;
  if (change.entered('health.outage.degraded')) return `It is DEGRADED${why}.`;
  if (change.entered('health.outage.unstable')) return 'It is DEGRADED: its checks fail again and again.';
  if (change.entered('health.suspect')) return `${check} Its status changes only when more checks agree.`;
  if (!change.entered('health.operational')) return check;
  return change.left('health.suspect') ? `${check} Its status did not change.` : 'It is OPERATIONAL.';
}

/** What the check showed beside the status. */
function remarks({ certificate }: CheckedEvent, change: SurfaceChange): string[] {
  return [
    change.entered('overload.overloaded') ? 'It asks its clients to come back later.' : '',
    change.left('overload.overloaded') || change.left('overload.tooLong')
      ? 'It no longer asks its clients to come back later.'
      : '',
    change.entered('certificate.expiring') ? 'Its certificate expires soon.' : '',
    change.left('certificate.expiring') && certificate !== null ? 'Its certificate was renewed.' : '',
    change.left('certificate.expiring') && certificate === null ? 'It answers without TLS now.' : '',
  ];
}

const setterOf = (by: string): string => (by === SET_BY_FILE ? 'The surfaces file' : by);
const minuteOf = (at: string): string => `${at.slice(0, 16).replace('T', ' ')} UTC`;

export const surfaceSentences: Sentences<SurfaceEvent, typeof surfaceMachine> = {
  events: {
    CHECKED: (check, change) => joined(statusText(check, change), ...remarks(check, change)),
    REMOVED: () => 'It was taken out of the surfaces file.',
    INVESTIGATE: ({ by }, change) =>
      joined(`${by} clicked Investigate.`, change.entered('investigation.filing') ? 'A ticket is being filed.' : ''),
    BUDGET_OVER: () => 'A click on Investigate was answered without a ticket, because FreeScout took too long.',
    FOUND: ({ ticket, by }) => `Ticket #${ticket.id} was found in FreeScout, long after ${by} had asked for it.`,
    MAINTENANCE_SET: ({ by, until, reason }) => `${setterOf(by)} set maintenance until ${minuteOf(until)}: ${reason}.`,
    MAINTENANCE_ENDED: ({ by }, change) =>
      change.entered('maintenance.off')
        ? `${setterOf(by)} ended the maintenance.`
        : `${setterOf(by)} ended a maintenance window. Another one goes on.`,
    // The machine raises it for itself; the history has the check.
    COUNTED: () => 'A check was counted.',
  },
  results: { file, settle, chore },
  timers: {
    ...sharedTimers,
    overloadGrace: () => 'It asks its clients to come back later for too long: such checks now count as failed.',
    untilMaintenanceEnds: (change) =>
      change.entered('maintenance.off')
        ? 'The maintenance is over.'
        : 'The clock of the database was set back: the maintenance goes on until its window is over.',
  },
};
