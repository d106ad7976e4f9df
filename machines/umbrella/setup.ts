import { assign, setup } from 'xstate';
import { filingEffects, messageEffects } from '../shared/effects.ts';
import type {
  ActorMessage,
  AuditEntry,
  FilingIntent,
  FilingResult,
  Membership,
  TicketUpdateResult,
  UmbrellaMember,
  Words,
} from '../shared/protocol.ts';
import { unprovided } from '../shared/unprovided.ts';
import * as waiting from '../shared/waiting.ts';
import type { UmbrellaContext } from './members.ts';
import * as storm from './members.ts';

export type UmbrellaEvent =
  /** `words` where a person wrote them for the ticket that was refused. */
  | { type: 'TICKET_MEMBER'; member: UmbrellaMember; words?: Words }
  /** A member is over. */
  | { type: 'TICKET_LEFT'; alertKey: string }
  | { type: 'DM_MEMBER'; member: UmbrellaMember }
  | { type: 'TRY'; probe: boolean };

/** What the chart of a storm is written in: its effects, what it says, what it asks itself, and how long it waits. */
export const umbrellaSetup = setup({
  types: { input: {} as { id: string }, context: {} as UmbrellaContext, events: {} as UmbrellaEvent },
  actors: { ...filingEffects, ...messageEffects },
  actions: {
    audit: (_, _entries: AuditEntry[]) => unprovided('audit'),
    intend: (_, _filings: FilingIntent[]) => unprovided('intend'),
    withdraw: (_, _filingIds: string[]) => unprovided('withdraw'),
    enlist: (_, _memberships: Membership[]) => unprovided('enlist'),
    tell: (_, _messages: ActorMessage[]) => unprovided('tell'),
    set: assign((_, change: Partial<UmbrellaContext>) => change),
  },
  guards: {
    isFiled: (_, result: FilingResult) => result.outcome === 'filed',
    isDoubt: (_, result: FilingResult) => result.outcome === 'doubt',
    isWithdrawn: (_, result: FilingResult) => result.outcome === 'refused' && result.reason === 'withdrawn',
    isRefused: (_, result: FilingResult) => result.outcome === 'refused' || (result.outcome === 'failed' && result.own),
    isEmpty: ({ context }) => context.members.length === 0,
    isLast: ({ context }, alertKey: string) => storm.isLast(context, alertKey),
    isUnnamed: ({ context }, alertKey: string) => storm.isUnnamed(context, alertKey),
    isUnlisted: ({ context }) => storm.isUnlisted(context),
    isDropped: (_, result: TicketUpdateResult) => result.outcome === 'dropped',
    isUnsaid: ({ context }) => context.unsaid.length > 0,
    choresWait: ({ context }) => context.chores.length > 0,
    overflows: ({ context }) => storm.overflows(context),
  },
  delays: {
    calm: 10 * 60_000,
    betweenListings: ({ context }) => storm.untilListing(context),
    gathering: 8_000,
    ...waiting.delays,
  },
});
