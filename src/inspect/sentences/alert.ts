import type { alertMachine } from '../../../machines/alert/machine.ts';
import type { AlertEvent, EmittedEvent } from '../../../machines/alert/types.ts';
import type { AssignmentResult, FilingResult, SuppressionReason } from '../../../machines/shared/protocol.ts';
import { POLLER_SOURCE } from '../../alerts/emission.ts';
import { type ChangeOf, joined, type Sentences, type StatePath, type Stored } from './sentences.ts';
import { chore, dm, file, GIVEN_UP, reasonText, settle, sharedTimers, tried } from './shared.ts';

type AlertChange = ChangeOf<typeof alertMachine>;

/** Who reports an alert: the first part of its key. */
function senderOf({ subject }: AlertChange): string {
  const [source = ''] = subject.split(':');
  return source === POLLER_SOURCE ? 'The poller' : source;
}

/** What an event means for the ticket, by the state that it leads to. */
const CONSEQUENCES: readonly [StatePath<typeof alertMachine>, string][] = [
  ['ticket.filing', 'Its ticket is being filed.'],
  ['ticket.belowThreshold', 'It gets no ticket: P3 alerts send a direct message only.'],
  ['ticket.ticketed', 'It keeps its ticket.'],
  ['ticket.stormed', 'An umbrella ticket names it, because its source sends too many alerts.'],
  ['ticket.waiting', 'It will be tried again.'],
  ['ticket.rejected', 'FreeScout rejected its ticket.'],
];

const consequence = (change: AlertChange): string => CONSEQUENCES.find(([path]) => change.entered(path))?.[1] ?? '';

/** `held` is why the ticket is suppressed, or null. */
const heldBack = (held: SuppressionReason | null | undefined, change: AlertChange): string =>
  change.entered('ticket.heldBack') ? joined('Its ticket is suppressed.', held ? reasonText(held) : '') : '';

function emitted({ severity, title, held }: EmittedEvent, change: AlertChange): string {
  const begins = change.entered('life.firing') && !change.left('life.cooling');
  const reported = begins ? 'reported the alert' : 'reported it again';
  return joined(
    `${senderOf(change)} ${reported}: ${severity}, "${title}".`,
    change.left('life.cooling') ? 'It is flapping.' : '',
    heldBack(held, change),
    consequence(change),
  );
}

function resolved({ reason }: { reason: string | null }, change: AlertChange): string {
  const why = reason ? `: ${reason}` : '';
  if (change.entered('life.resolved')) return `${senderOf(change)} reported that it is over${why}.`;
  if (change.entered('life.cooling'))
    return `${senderOf(change)} reported that it is over. It is flapping, so it stays active until it has been quiet for a while.`;
  return `${senderOf(change)} reported that one of the alerts with this key is over${why}.`;
}

function reviewed({ held }: { held: SuppressionReason | null }, change: AlertChange): string {
  if (held === null) return joined('Nothing suppresses it any more.', consequence(change));
  return joined(
    reasonText(held),
    change.entered('ticket.heldBack') ? 'Its ticket is suppressed.' : consequence(change),
  );
}

/** What the assignee of its ticket means for the escalation. */
function assigned(result: Stored<AssignmentResult>): string {
  if (result?.assignment === 'unassigned')
    return 'Its ticket is unassigned, so the escalation recipients are notified.';
  if (result?.assignment === 'not_open')
    return 'Its ticket is not open any more, so the escalation recipients are not notified.';
  return 'Its ticket is assigned, so the escalation recipients are not notified.';
}

const UNKNOWN_ASSIGNEE =
  'FreeScout could not be asked who is assigned to its ticket, so the escalation recipients are notified.';

export const alertSentences: Sentences<AlertEvent, typeof alertMachine> = {
  events: {
    EMITTED: emitted,
    RESOLVED: resolved,
    RESOLVED_BY_HAND: ({ by, reason }) => `${by} resolved it by hand: ${reason}.`,
    EXPIRED: ({ reason }) => `It ended: ${reason}.`,
    HOLD_REVIEWED: reviewed,
    TRY: tried,
    UNLISTED: ({ reason }) => `The umbrella ticket that was to name it was not filed. ${reasonText(reason)}`,
    REPLAYED: ({ words }, change) =>
      joined(`A person had its ticket filed again${words ? ', with other words' : ''}.`, consequence(change)),
    DEPENDENT: ({ member }) => `"${member.title}" depends on it and gets no ticket of its own for now.`,
    FOUND: ({ ticket }) => `Ticket #${ticket.id} was found in FreeScout, long after it was asked for.`,
    RECONSIDER: (_, change) => joined('The reconciler found no decision about its ticket.', consequence(change)),
    IDS_UNSTABLE: () => 'Its sender uses a new id for each report. All of them count as this alert.',
    // The machine raises these for itself; the history has the event that led to them.
    OPENED: () => 'It began.',
    ESCALATED: () => 'Its severity rose.',
    RETITLED: () => 'Its title changed.',
    HOLD_CHANGED: () => 'The reason for which it is suppressed changed.',
    RESUMED: () => 'It began again too soon to be a new alert.',
    ENDED: () => 'It ended.',
  },
  results: {
    file: {
      done: (result: Stored<FilingResult>, change) =>
        joined(file.done(result), change.entered('ticket.waiting') ? consequence(change) : ''),
      failed: file.failed,
    },
    settle,
    chore,
    dm,
    assignment: { done: assigned, failed: UNKNOWN_ASSIGNEE },
    escalationDm: {
      done: () => 'The escalation recipients were notified, because nobody is known to be assigned to its ticket.',
      failed: `The message to the escalation recipients could not be sent. ${GIVEN_UP}`,
    },
  },
  timers: {
    ...sharedTimers,
    flapWindow: () => 'It has been quiet for long enough, so it ended.',
    secondLook: (change) => joined('Its ticket was decided again.', consequence(change)),
    escalation: () => 'FreeScout is asked whether somebody is assigned to its ticket.',
    assignmentUnknown: () => UNKNOWN_ASSIGNEE,
  },
};
