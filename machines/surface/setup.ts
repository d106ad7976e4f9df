import { assign, setup } from 'xstate';
import { filingEffects, hostActions } from '../shared/host.ts';
import * as updates from '../shared/pendingUpdates.ts';
import type { FilingResult, TicketUpdateResult } from '../shared/protocol.ts';
import * as certificate from './certificateAlert.ts';
import * as checks from './checks.ts';
import * as clicks from './clicks.ts';
import * as emissions from './emissions.ts';
import * as filing from './filing.ts';
import * as instability from './instability.ts';
import * as maintenance from './maintenanceWindow.ts';
import * as overload from './overloadCount.ts';
import type { CheckedEvent, FoundEvent, Status, SurfaceContext, SurfaceEvent, SurfaceInput } from './types.ts';

const { audit, intend, withdraw, adopt, answer, emitAlert, tell } = hostActions;

/** The vocabulary of the surface's chart: effects, actions, guards and delays. */
export const surfaceSetup = setup({
  types: { input: {} as SurfaceInput, context: {} as SurfaceContext, events: {} as SurfaceEvent },
  actors: filingEffects,
  actions: {
    ...{ audit, intend, withdraw, adopt, answer, emitAlert, tell },

    countCheck: assign(({ context }, check: CheckedEvent) => checks.counted(context, check)),
    forgetChecks: assign(({ context }) => checks.checksForgotten(context)),
    setStatus: assign(({ context, event }, status: Status) => checks.statusSet(context, status, event)),
    setOutage: assign(({ context, event }, status: 'DEGRADED' | 'DOWN') => checks.outageSet(context, status, event)),
    setUnstable: assign(({ context, event }) => checks.unstableSet(context, event)),
    clearUnstable: assign(({ context }) => (context.unstable ? { unstable: false } : {})),
    countOverload: assign(({ context }, check: CheckedEvent) => overload.overloadCounted(context, check)),
    beginOverload: assign(({ event }) => overload.overloadBegun(event)),
    forgetOverload: assign(({ context }) => overload.overloadForgotten(context)),
    setOverloadedTooLong: assign((_, overloadedTooLong: boolean) => ({ overloadedTooLong })),
    recordCertificateEmission: assign(({ context }) => certificate.emitted(context)),
    endCertificateAlert: assign(({ context }) => certificate.ended(context)),
    forgetCertificate: assign(({ context }) => certificate.forgotten(context)),
    endOutage: assign(({ context, event }) => checks.recovered(context, event)),
    countOutage: assign(({ context, event }) => emissions.alertCounted(context, event)),
    recordEmission: assign(({ context }) => emissions.outageEmitted(context)),

    setMaintenance: assign(({ context }, event: maintenance.WindowEvent) => maintenance.windowSet(context, event)),
    endMaintenance: assign(({ context }, event: { by: string }) => maintenance.windowEnded(context, event)),
    clearMaintenance: assign(({ context }) => maintenance.cleared(context)),

    queueClick: assign(({ context }, click: { clickId: string; by: string }) => clicks.clickQueued(context, click)),
    removeClick: assign(({ context }, due: { clickId: string }) => clicks.clickRemoved(context, due)),
    clearClicks: assign({ clicks: [] }),
    startRound: assign(({ context }) => clicks.roundStarted(context)),
    endAnsweredRound: assign(({ context }) => clicks.roundAnswered(context)),
    endFailedRound: assign(({ context }) => clicks.roundFailed(context)),
    recordTicket: assign(({ context, event }, result: FilingResult) => filing.ticketRecorded(context, result, event)),
    recordFoundTicket: assign(({ context }, event: FoundEvent) => filing.foundTicketRecorded(context, event)),
    finishTicketUpdate: assign(({ context }, result: TicketUpdateResult) => filing.ticketUpdateDone(context, result)),
    postponeTicketUpdate: assign(({ context, event }) => updates.postponed(context, event)),
    dropTicketUpdate: assign(({ context }) => updates.withoutLongestWaiting(context)),
  },
  guards: {
    wasUp: ({ context }) => context.streak.outcome === 'up' && context.streak.count > 0,
    wasBad: ({ context }) => context.bad > 0,
    isUnstable: ({ context }) => instability.isUnstable(context),
    /**
     * Enough good checks in a row; of an unstable surface, also less than half of the recent ones bad. If its window was
     * turned off, one good check is enough: while checks fail in turn, there may never be more in a row.
     */
    hasRecovered: ({ context }) =>
      (checks.isConfirmed(context, 'up', context.policy.successesToClose) &&
        !(context.unstable && instability.isUnstable(context))) ||
      instability.isTurnedOff(context),
    slowConfirmed: ({ context }) => checks.isConfirmed(context, 'slow', context.policy.failuresToOpen),
    downConfirmed: ({ context }) => checks.isConfirmed(context, 'down', context.policy.failuresToOpen),
    /** Slow or down, in any mixture. */
    badConfirmed: ({ context }) => context.bad >= context.policy.failuresToOpen,
    isNewWindow: ({ context }, event: maintenance.WindowEvent) => maintenance.isNewWindow(context, event),
    endsNoWindow: ({ context }, event: { by: string }) => !maintenance.endsWindow(context, event),
    hasOtherWindow: ({ context }, event: { by: string }) => maintenance.hasOtherWindow(context, event),
    /** The last window ends later than now. */
    windowLasts: ({ context, event }) => maintenance.windowLength(context, event) > 0,
    /** A bad check of a surface that is not under maintenance. */
    mustEmit: ({ context }) => context.maintenance === null && context.streak.outcome !== 'up',
    isOverloaded: (_, check: CheckedEvent) => check.overloaded === true,
    /** Half of the recent checks were answered without Retry-After. */
    overloadIsOver: ({ context }, check: CheckedEvent) => overload.isOverloadOver(context, check),
    hasOtherGrace: ({ context }, check: CheckedEvent) => overload.hasOtherGrace(context, check),
    certificateExpires: ({ context }) => context.certificate?.soon === true,
    certificateIsRenewed: ({ context }) => certificate.isRenewed(context),
    inService: ({ context }) => context.maintenance === null,

    mayInvestigate: ({ context }) => clicks.mayInvestigate(context),
    clicksWait: ({ context }) => context.clicks.length > 0,
    isFiled: (_, result: FilingResult) => result.outcome === 'filed',
    isInDoubt: (_, result: FilingResult) => result.outcome === 'doubt',
    hasTicketUpdates: ({ context }) => context.chores.length > 0,
    otherTicketUpdatesWait: ({ context }) => updates.othersWait(context),
    freshTicketUpdateWaits: ({ context }) => updates.freshOneWaits(context),
    tooManyTicketUpdates: ({ context }) => updates.tooManyWait(context),
  },
  delays: {
    ticketUpdateTurn: ({ context }) => updates.turnMs(context),
    overloadGrace: ({ context, event }) => overload.graceLeft(context, event),
    untilMaintenanceEnds: ({ context, event }) => maintenance.windowLength(context, event),
  },
});
