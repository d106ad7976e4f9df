import { assign, setup } from 'xstate';
import { helpdeskDelays, type Turn } from '../shared/helpdeskMessages.ts';
import { filingEffects, hostActions, messageEffects } from '../shared/host.ts';
import * as updates from '../shared/pendingUpdates.ts';
import type { FilingResult, TicketUpdateResult, UmbrellaMember } from '../shared/protocol.ts';
import * as filing from './filing.ts';
import * as grouped from './groupedMessage.ts';
import * as members from './members.ts';
import * as notes from './notes.ts';
import { STORM_CALM_MS, type UmbrellaContext, type UmbrellaEvent, type UmbrellaInput } from './types.ts';

const { audit, intend, withdraw, enlist, tell } = hostActions;

/** The vocabulary of the umbrella's chart: effects, actions, guards and delays. */
export const umbrellaSetup = setup({
  types: { input: {} as UmbrellaInput, context: {} as UmbrellaContext, events: {} as UmbrellaEvent },
  actors: { ...filingEffects, ...messageEffects },
  actions: {
    ...{ audit, intend, withdraw, enlist, tell },

    startStorm: assign(({ context, event }, joining: UmbrellaMember[]) =>
      members.stormStarted(context, joining, event),
    ),
    endStorm: assign(({ context }) => members.stormEnded(context)),
    addMember: assign(({ context }, member: UmbrellaMember) => members.joined(context, member)),
    raiseMember: assign(({ context }, member: UmbrellaMember) => members.worsened(context, member)),
    removeMember: assign(({ context }, alertKey: string) => members.left(context, alertKey)),
    setTurn: assign(({ context }, turn: Turn) => filing.turnTaken(context, turn)),
    recordTicket: assign(({ context }, result: FilingResult) => filing.ticketRecorded(context, result)),
    startMembersNote: assign(({ context }) => notes.membersNoteStarted(context)),
    finishMembersNote: assign(({ context }) => members.namesWritten(context)),
    startEndNote: assign(({ context }) => notes.endNoteStarted(context)),
    finishTicketUpdate: assign(({ context }, _result: TicketUpdateResult) => updates.finished(context)),
    postponeTicketUpdate: assign(({ context, event }) => updates.postponed(context, event)),
    dropTicketUpdate: assign(({ context }) => updates.withoutLongestWaiting(context)),

    queueAlert: assign(({ context }, member: UmbrellaMember) => grouped.alertQueued(context, member)),
    handOverMessage: assign(({ context }) => grouped.handedOver(context)),
    startMessage: assign(({ context }) => grouped.messageStarted(context)),
    finishMessage: assign(({ context }) => grouped.messageFinished(context)),
  },
  guards: {
    isFiled: (_, result: FilingResult) => result.outcome === 'filed',
    isInDoubt: (_, result: FilingResult) => result.outcome === 'doubt',
    isWithdrawn: (_, result: FilingResult) => result.outcome === 'refused' && result.reason === 'withdrawn',
    isRefused: (_, result: FilingResult) => result.outcome === 'refused',
    /** The help desk had this very ticket and did not file it. */
    wasPosted: (_, result: FilingResult) => result.outcome === 'failed' && result.own,

    isEmpty: ({ context }) => context.members.length === 0,
    hasStorm: ({ context }) => context.filingId !== null,
    /** Members joined or became more severe since the last text. */
    hasNews: ({ context }) => context.members.length > 0 || (context.worse ?? []).length > 0,
    isUnnamed: ({ context }, alertKey: string) => members.isUnnamed(context, alertKey),
    isLastMember: ({ context }, alertKey: string) => members.isLastMember(context, alertKey),
    /** The ticket is closed, and there are members that it does not name. */
    needsNewTicket: ({ context }, result: TicketUpdateResult) =>
      result.outcome === 'dropped' && context.members.length > 0,
    hasTicketUpdates: ({ context }) => context.chores.length > 0,
    otherTicketUpdatesWait: ({ context }) => updates.othersWait(context),
    freshTicketUpdateWaits: ({ context }) => updates.freshOneWaits(context),
    tooManyTicketUpdates: ({ context }) => updates.tooManyWait(context),

    hasAlerts: ({ context }) => context.unsaid.length > 0,
    fillsMessage: ({ context }) => grouped.fillsMessage(context),
  },
  delays: {
    ticketUpdateTurn: ({ context }) => updates.turnMs(context),
    calm: STORM_CALM_MS,
    betweenListings: ({ context }) => notes.pauseBeforeNote(context),
    gathering: 8_000,
    ...helpdeskDelays,
  },
});
