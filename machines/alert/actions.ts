import { adoptionOf, output } from '../shared/filing.ts';
import { helpdeskActions } from '../shared/helpdeskActions.ts';
import { leaveQueue } from '../shared/helpdeskMessages.ts';
import type { FilingResult } from '../shared/protocol.ts';
import { askToBeNamed } from './dependents.ts';
import * as filing from './filing.ts';
import * as skipped from './skipped.ts';
import * as suppression from './suppression.ts';
import type { AlertContext, Ending, FoundEvent } from './types.ts';

/** Lists of actions that several transitions of the ticket region share. When they run and where they lead is in the chart. */

interface In {
  context: AlertContext;
}
interface Answered extends In {
  event: { output: FilingResult };
}
interface Found extends In {
  event: FoundEvent;
}

export const withdrawFiling = { type: 'withdraw', params: ({ context }: In) => filing.openFilings(context) } as const;

const reports = helpdeskActions(filing.actorIdOf);
export const { reportInDoubt, reportFailed, reportWaiting, giveTurnBack, leaveHelpdeskQueue } = reports;

export const onRefused = [giveTurnBack, 'clearFiling'] as const;

export const onFiled = [
  { type: 'audit', params: ({ context, event }: Answered) => filing.filedAudit(context, event.output) },
  reports.reportFiled,
  { type: 'recordTicket', params: output<FilingResult> },
] as const;

/** The ticket of the episode before is still open: this episode goes on in it. */
export const onContinued = [
  { type: 'audit', params: ({ context, event }: Answered) => filing.continuedAudit(context, event.output) },
  reports.reportFiled,
  { type: 'recordTicket', params: output<FilingResult> },
] as const;

export const onFiledAfterDoubt = [
  { type: 'audit', params: ({ context, event }: Answered) => filing.filedAudit(context, event.output) },
  reports.reportFound,
  { type: 'recordTicket', params: output<FilingResult> },
] as const;

/** The episode ended before its filing did, and the filing came to nothing. */
export const cancelEndedFiling = [
  withdrawFiling,
  { type: 'audit', params: ({ context }: In) => skipped.earlierEpisodeAudit(context) },
  'clearFiling',
] as const;

/** The filing is not needed any more, and certainly nothing was posted for it. */
export const cancelFiling = [withdrawFiling, leaveHelpdeskQueue, 'clearFiling'] as const;

/** The intent must not stay open. The filing becomes a dead letter. */
export const onRejected = [
  withdrawFiling,
  {
    type: 'tell',
    params: ({ context }: In) => (context.filing?.last ? leaveQueue(filing.actorIdOf(context)) : []),
  },
  'recordDeadLetter',
] as const;

/** A request in flight cannot be cancelled. Nothing more is posted after it. */
export const onEndedWhileFiling = [
  withdrawFiling,
  { type: 'audit', params: ({ context }: In) => skipped.endedWhileFilingAudit(context) },
  { type: 'recordEndWhileFiling', params: ({ event }: { event: Ending }) => event },
] as const;

export const onResolvedFirst = [
  { type: 'audit', params: ({ context }: In) => skipped.resolvedFirstAudit(context) },
  'recordResolvedFirst',
] as const;

/** The ticket of a filing that was closed without one. */
export const onFound = [
  { type: 'adopt', params: ({ event }: Found) => adoptionOf(event) },
  { type: 'audit', params: ({ context, event }: Found) => filing.foundAudit(context, event) },
  { type: 'recordFoundTicket', params: ({ event }: Found) => event },
] as const;

/** No ticket, for this reason. */
export const onSkipped = (reason: string) =>
  [
    { type: 'audit', params: ({ context }: In) => skipped.skippedAudit(context, reason) },
    { type: 'recordSkip', params: reason },
  ] as const;

/** No ticket for now: the reason is recorded, and the outage that explains the alert is asked to name it. */
export const onSuppressed = [
  { type: 'audit', params: ({ context }: In) => skipped.skippedAudit(context, context.held ?? '') },
  { type: 'recordSkip', params: ({ context }: In) => context.held ?? '' },
  { type: 'hold', params: ({ context }: In) => suppression.holdBegins(context) },
  { type: 'tell', params: ({ context }: In) => askToBeNamed(context) },
  'recordAskedToBeNamed',
] as const;

export const releaseHold = {
  type: 'hold',
  params: ({ context }: In) => suppression.holdEnds(context, 'released'),
} as const;
