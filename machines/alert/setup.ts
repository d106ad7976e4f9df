import { assign, setup } from 'xstate';
import { refusalOf } from '../shared/filing.ts';
import { helpdeskDelays, type Turn } from '../shared/helpdeskMessages.ts';
import { assignmentEffects, filingEffects, hostActions, messageEffects } from '../shared/host.ts';
import * as updates from '../shared/pendingUpdates.ts';
import {
  type AssignmentResult,
  type DmRequest,
  type DmResult,
  type FilingResult,
  SUPPRESSION_REASONS,
  type TicketText,
  type TicketUpdateResult,
  type UmbrellaMember,
} from '../shared/protocol.ts';
import * as waitingMessages from '../shared/waitingMessages.ts';
import * as continuation from './continuation.ts';
import * as deadLetter from './deadLetter.ts';
import * as dependents from './dependents.ts';
import * as episode from './episode.ts';
import * as escalation from './escalation.ts';
import * as facts from './facts.ts';
import * as filing from './filing.ts';
import * as flapping from './flapping.ts';
import * as notifications from './notifications.ts';
import * as silencedMessages from './silencedMessages.ts';
import * as skipped from './skipped.ts';
import * as suppression from './suppression.ts';
import type {
  AlertContext,
  AlertEvent,
  AlertInput,
  EmittedEvent,
  Ending,
  FoundEvent,
  HoldReviewedEvent,
  ResolvedEvent,
} from './types.ts';

const { audit, intend, withdraw, hold, adopt, tell } = hostActions;

/** The vocabulary of the alert's chart: effects, actions, guards and delays. */
export const alertSetup = setup({
  types: { input: {} as AlertInput, context: {} as AlertContext, events: {} as AlertEvent },
  actors: { ...filingEffects, ...messageEffects, ...assignmentEffects },
  actions: {
    ...{ audit, intend, withdraw, hold, adopt, tell },

    openEpisode: assign(({ context }, event: EmittedEvent) => episode.opened(context, event)),
    continueEpisode: assign(({ context }, event: EmittedEvent) => episode.continued(context, event)),
    resumeEpisode: assign(({ context }, event: EmittedEvent) => episode.resumed(context, event)),
    escalate: assign(({ context }, event: EmittedEvent) => episode.escalated(context, event)),
    updateFacts: assign((_, event: EmittedEvent) => facts.factsUpdated(event)),
    retitle: assign(({ context }, event: EmittedEvent) => facts.retitled(context, event)),
    noteReturn: assign(({ context }, event: EmittedEvent) => flapping.returned(context, event)),
    noteLastReturns: assign(({ context, event }) => flapping.returnsNoted(context, event)),
    addId: assign(({ context }, alertId: string) => episode.withId(context, alertId)),
    removeId: assign(({ context }, alertId: string) => episode.withoutId(context, alertId)),
    clearIds: assign({ ids: [] }),
    closeEpisode: assign(({ event }) => episode.closed(event)),
    stopFlapping: assign({ flapping: false }),

    updateSuppression: assign((_, event: suppression.Decisive) => suppression.suppressionOf(event)),
    suppressFor: assign((_, reason: string) => suppression.suppressedFor(reason)),

    addDependent: assign(({ context }, event: { member: UmbrellaMember; episode: number }) =>
      dependents.dependentAdded(context, event),
    ),
    recordAskedToBeNamed: assign(({ context }) => dependents.askedToBeNamed(context)),

    startFiling: assign(({ context }) => filing.started(context)),
    setTurn: assign(({ context }, turn: Turn) => filing.turnTaken(context, turn)),
    recordTicket: assign(({ context, event }, result: FilingResult) => filing.ticketRecorded(context, result, event)),
    recordFoundTicket: assign(({ context }, event: FoundEvent) => filing.foundTicketRecorded(context, event)),
    recordEndWhileFiling: assign(({ context }, ending: Ending) => filing.endedWhileFiling(context, ending)),
    clearFiling: assign({ filing: null }),
    recordSkip: assign(({ context }, reason: string) => skipped.skipped(context, reason)),
    recordResolvedFirst: assign(({ context }) => skipped.resolvedFirst(context)),
    recordDeadLetter: assign(({ context }) => deadLetter.deadLettered(context)),
    recordUmbrellaDeadLetter: assign(({ context }, filingId: string | null | undefined) =>
      deadLetter.deadLetteredWithUmbrella(context, filingId),
    ),
    recordReplay: assign(({ context }, words: TicketText | null) => deadLetter.replayed(context, words)),

    queueDm: assign(({ context }, message: { kind: DmRequest['kind'] } & Record<string, unknown>) =>
      notifications.dmQueued(context, message),
    ),
    leaveOutDms: assign(({ context }) => waitingMessages.oldestLeftOut(context)),
    startDm: assign(({ context }) => notifications.dmStarted(context)),
    finishDm: assign(({ context }) => notifications.dmFinished(context)),
    beginWatch: assign(({ context }) => escalation.watchBegun(context)),
    escalateUnassigned: assign(({ context }, assignment: escalation.Unassigned) =>
      escalation.escalated(context, assignment),
    ),
    settleAssignment: assign(({ context }) => escalation.settled(context)),
    finishEscalation: assign(({ context }) => escalation.told(context)),
    dropHeldDms: assign(({ context }, queue: silencedMessages.Queue) => silencedMessages.heldDropped(context, queue)),
    queueSeverityNote: assign(({ context, event }) => notifications.severityNoted(context, event)),
    queueResolvedNote: assign(({ context }, ending: Ending) => notifications.resolvedNoted(context, ending)),
    queueUnstableIdsNote: assign(({ context }, event: { alertIds: string[] }) =>
      notifications.unstableIdsNoted(context, event),
    ),
    finishTicketUpdate: assign(({ context }, _result: TicketUpdateResult) => updates.finished(context)),
    postponeTicketUpdate: assign(({ context, event }) => updates.postponed(context, event)),
    dropTicketUpdate: assign(({ context }) => updates.withoutLongestWaiting(context)),
  },
  guards: {
    isNewId: ({ context }, event: EmittedEvent) => episode.isNewId(context, event),
    opensNothing: (_, event: EmittedEvent) => event.onlyIfActive === true,
    isUnknownId: ({ context }, alertId: string) => !context.ids.includes(alertId),
    hasOtherIds: ({ context }) => context.ids.length > 1,
    idsSeemStable: ({ context }) => !context.unstable,
    severityRises: ({ context }, event: EmittedEvent) => episode.severityRises(context, event),
    isRetitled: ({ context }, event: EmittedEvent) => facts.isRetitled(context, event),
    factsChange: ({ context }, event: EmittedEvent) => facts.factsChange(context, event),
    suppressionChanges: ({ context }, event: suppression.Decisive) => suppression.suppressionChanges(context, event),
    silenceBegins: ({ context }, event: HoldReviewedEvent) => suppression.silenceBegins(context, event),
    /** Region `life` raises no event for this emission. */
    isRepeat: ({ context }, event: EmittedEvent) =>
      !episode.isNewId(context, event) &&
      !episode.severityRises(context, event) &&
      !suppression.suppressionChanges(context, event),
    beginsSoon: ({ context }, event: EmittedEvent) => continuation.beginsSoon(context, event),
    beginsTooOften: ({ context }, event: EmittedEvent) => episode.isFlapping(context, event),
    isFinal: (_, event: ResolvedEvent) => event.final === true,
    mayReturn: ({ context }, event: ResolvedEvent) => context.flapping && !event.final,
    isAnnounced: ({ context }) => context.quiet !== true,
    isActive: ({ context }) => context.active,
    isOver: ({ context }) => !context.active,

    hasTicket: ({ context }) => context.ticket !== null,
    isMissingTicket: ({ context }, event: FoundEvent) => filing.isMissingTicket(context, event),
    isBelowThreshold: ({ context }) => context.severity === 'P3',
    isSuppressed: ({ context }) => context.held !== null,
    wasRejected: ({ context }) => deadLetter.wasRejected(context),
    wasSkippedFor: ({ context }, reason: string) => context.audited.includes(reason),
    isDeadLetter: ({ context }, filingId: string) => deadLetter.isDeadLetter(context, filingId),
    isRejection: (_, reason: string) => reason === 'rejected',

    isFiled: (_, result: FilingResult) => result.outcome === 'filed',
    /** The ticket of the episode before is still open. */
    isContinued: (_, result: FilingResult) => result.outcome === 'filed' && !result.created,
    isInDoubt: (_, result: FilingResult) => result.outcome === 'doubt',
    /** The help desk had this very ticket and did not file it. */
    wasPosted: (_, result: FilingResult) => result.outcome === 'failed' && result.own,
    isRefusedAsSuppressed: (_, result: FilingResult) => SUPPRESSION_REASONS.includes(refusalOf(result)),
    isRefusedFor: (_, { result, reason }: { result: FilingResult; reason: string }) => refusalOf(result) === reason,
    /** The episode for which the filing was begun is over. */
    episodeOfFilingIsOver: ({ context }) => context.filing?.over !== null,

    mayBeSent: ({ context }) => silencedMessages.mayBeSent(context),
    endsUntold: ({ context }) => silencedMessages.endsUntold(context),
    tooManyDms: ({ context }) => waitingMessages.tooManyWait(context),
    isGrouped: (_, result: DmResult) => result.outcome === 'grouped',
    isSilenced: ({ context }) => context.held === 'silenced',
    needsLook: ({ context }) => escalation.needsLook(context),
    isRuleChanged: ({ context }) => escalation.isRuleChanged(context),
    isUnassigned: (_, result: AssignmentResult) => escalation.isUnassigned(result),
    hasTicketUpdates: ({ context }) => context.chores.length > 0,
    otherTicketUpdatesWait: ({ context }) => updates.othersWait(context),
    freshTicketUpdateWaits: ({ context }) => updates.freshOneWaits(context),
    tooManyTicketUpdates: ({ context }) => updates.tooManyWait(context),
  },
  delays: {
    flapWindow: ({ context }) => context.flapWindowMs,
    secondLook: 30_000,
    escalation: ({ context }) => context.escalateAfterMs ?? 0,
    assignmentUnknown: 5 * 60_000,
    ticketUpdateTurn: ({ context }) => updates.turnMs(context),
    ...helpdeskDelays,
  },
});
