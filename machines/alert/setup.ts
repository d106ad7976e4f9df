import { assign, setup } from 'xstate';
import { filingEffects, messageEffects } from '../shared/effects.ts';
import {
  type ActorMessage,
  type Adoption,
  type AuditEntry,
  type DmResult,
  type FilingIntent,
  type FilingResult,
  SUPPRESSION_REASONS,
  type Suppression,
} from '../shared/protocol.ts';
import { unprovided } from '../shared/unprovided.ts';
import * as waiting from '../shared/waiting.ts';
import * as life from './life.ts';
import * as ticket from './ticket.ts';
import type { AlertContext, AlertEvent, AlertInput, EmittedEvent, FoundEvent } from './types.ts';

/** What the chart of an alert is written in: its effects, what it says, what it asks itself, and how long it waits. */
export const alertSetup = setup({
  types: { input: {} as AlertInput, context: {} as AlertContext, events: {} as AlertEvent },
  actors: { ...filingEffects, ...messageEffects },
  actions: {
    audit: (_, _entries: AuditEntry[]) => unprovided('audit'),
    intend: (_, _filings: FilingIntent[]) => unprovided('intend'),
    withdraw: (_, _filingIds: string[]) => unprovided('withdraw'),
    hold: (_, _holds: Suppression[]) => unprovided('hold'),
    adopt: (_, _tickets: Adoption[]) => unprovided('adopt'),
    tell: (_, _messages: ActorMessage[]) => unprovided('tell'),
    set: assign((_, change: Partial<AlertContext>) => change),
  },
  guards: {
    rises: ({ context }, event: EmittedEvent) => life.rises(context, event),
    isNewId: ({ context }, event: EmittedEvent) => life.isNewId(context, event),
    flaps: ({ context }, event: EmittedEvent) => life.flaps(context, event),
    holdChanges: ({ context }, event: EmittedEvent) => life.holdChanges(context, event),
    repeats: ({ context }, event: EmittedEvent) => life.repeats(context, event),
    isUnknownId: ({ context }, alertId: string) => !context.ids.includes(alertId),
    othersFire: ({ context }) => context.ids.length > 1,
    isThoughtStable: ({ context }) => !context.unstable,
    isFlapping: ({ context }) => context.flapping,
    isOver: ({ context }) => !context.active,
    goesOn: ({ context }) => context.active,
    isWanted: ({ context }, event: FoundEvent) => ticket.isWanted(context, event),
    hasTicket: ({ context }) => context.ticket !== null,
    isBelowThreshold: ({ context }) => context.severity === 'P3',
    isHeld: ({ context }) => context.held !== null,
    isFiled: (_, result: FilingResult) => result.outcome === 'filed',
    isRefusedFor: (_, { result, reason }: { result: FilingResult; reason: string }) =>
      ticket.refusal(result) === reason,
    isHold: (_, result: FilingResult) => SUPPRESSION_REASONS.includes(ticket.refusal(result)),
    isDoubt: (_, result: FilingResult) => result.outcome === 'doubt',
    isWithdrawn: ({ context }) => context.filing?.over !== null,
    wasRejected: ({ context }) => ticket.wasRejected(context),
    isLetter: ({ context }, filingId: string) => ticket.isLetter(context, filingId),
    wasSkippedFor: ({ context }, reason: string) => context.audited.includes(reason),
    isRejected: (_, reason: string) => reason === 'rejected',
    isOwnFault: (_, result: FilingResult) => result.outcome === 'failed' && result.own,
    dmsWait: ({ context }) => context.dms.length > 0,
    choresWait: ({ context }) => context.chores.length > 0,
    isGrouped: (_, result: DmResult) => result.outcome === 'grouped',
  },
  delays: { flapWindow: ({ context }) => context.flapWindowMs, ...waiting.delays, secondLook: 30_000 },
});
