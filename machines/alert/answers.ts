import * as desk from '../shared/helpdeskMessages.ts';
import type { ActorMessage, FilingResult } from '../shared/protocol.ts';
import * as dependents from './dependents.ts';
import * as ticket from './ticket.ts';
import type { AlertContext, EmittedEvent, FoundEvent } from './types.ts';

/** What follows from a filing's answer: parts of the alert's chart that more than one of its states uses. */

interface In {
  context: AlertContext;
}
interface Answered extends In {
  event: { output: FilingResult };
}

const filedAnd = (tells: (result: FilingResult) => ActorMessage[]) =>
  ({
    guard: { type: 'isFiled', params: ({ event }: Answered) => event.output },
    target: 'deciding',
    actions: [
      { type: 'audit', params: ({ context, event }: Answered) => ticket.filedAudit(context, event.output) },
      { type: 'tell', params: ({ event }: Answered) => tells(event.output) },
      { type: 'set', params: ({ context, event }: Answered) => ticket.kept(context, event.output, event) },
    ],
  }) as const;

export const filed = filedAnd(desk.works);

/** Found after the doubt. */
export const filedAfterAll = filedAnd(() => desk.worksAfterAll);

/** The episode is over, and the doubt too: a new episode decides anew. */
export const unwanted = {
  guard: 'isWithdrawn',
  target: 'deciding',
  actions: [
    { type: 'withdraw', params: ({ context }: In) => ticket.current(context) },
    { type: 'audit', params: ({ context }: In) => ticket.outlivedAudit(context) },
    { type: 'set', params: { filing: null } },
  ],
} as const;

/** An earlier ticket turned up while this filing went on, so nothing is posted any more where it came to none itself. */
export const superfluous = {
  guard: 'hasTicket',
  target: 'deciding',
  actions: [
    { type: 'withdraw', params: ({ context }: In) => ticket.current(context) },
    { type: 'tell', params: ({ context }: In) => desk.left(ticket.me(context)) },
    { type: 'set', params: { filing: null } },
  ],
} as const;

export const missed = [
  { type: 'audit', params: ({ context }: In) => ticket.missedAudit(context) },
  { type: 'set', params: ({ context }: In) => ticket.missed(context) },
] as const;

/**
 * Nobody wants it any more: nothing is posted from now on, but what may have been posted is still looked for. Where the
 * filing is of an earlier episode, this one never came to a filing of its own, and has its reason at once.
 */
export const endedMeanwhile = {
  actions: [
    { type: 'withdraw', params: ({ context }: In) => ticket.current(context) },
    { type: 'audit', params: ({ context }: In) => ticket.overtakenAudit(context) },
    {
      type: 'set',
      params: ({ context, event }: In & { event: { at: string; reason: string | null } }) =>
        ticket.ended(context, event),
    },
  ],
} as const;

/** A ticket turned up that nobody looked for any more. */
export const found = [
  { type: 'adopt', params: ({ event }: { event: FoundEvent }) => ticket.adopted(event) },
  { type: 'audit', params: ({ context, event }: In & { event: FoundEvent }) => ticket.foundAudit(context, event) },
  { type: 'set', params: ({ context, event }: In & { event: FoundEvent }) => ticket.foundLate(context, event) },
] as const;

/** A decision not to file, with its reason: audited once an episode. */
export const skip = (reason: string) =>
  [
    { type: 'audit', params: ({ context }: In) => ticket.skippedAudit(context, reason) },
    { type: 'set', params: ({ context }: In) => ticket.skipped(context, reason) },
  ] as const;

/** The same where the moment holds it back, which is remembered, and told to the outage that explains it. */
export const heldBack = [
  { type: 'audit', params: ({ context }: In) => ticket.skippedAudit(context, context.held ?? '') },
  { type: 'set', params: ({ context }: In) => ticket.skipped(context, context.held ?? '') },
  { type: 'hold', params: ({ context }: In) => ticket.holds(context) },
  { type: 'tell', params: ({ context }: In) => dependents.tellThem(context) },
  { type: 'set', params: ({ context }: In) => dependents.toldThem(context) },
] as const;

/** Whether anything holds it still is decided anew; if so, it is held as before. */
export const letGo = [{ type: 'hold', params: ({ context }: In) => ticket.holdOver(context, 'released') }] as const;

export const refusedFor = <Target extends string>(reason: string, target: Target) =>
  ({
    guard: { type: 'isRefusedFor', params: ({ event }: Answered) => ({ result: event.output, reason }) },
    target,
    actions: { type: 'set', params: { filing: null } },
  }) as const;

/** Asking again the same way cannot help; what was intended must not be left open. It is kept as a dead letter. */
export const givenUp = {
  target: 'rejected',
  actions: [
    { type: 'withdraw', params: ({ context }: In) => ticket.current(context) },
    { type: 'set', params: ({ context }: In) => ticket.buried(context) },
  ],
} as const;

/** No ticket for now: the next word of its sender decides again. */
export const undecided = {
  EMITTED: { guard: { type: 'repeats', params: ({ event }: { event: EmittedEvent }) => event }, target: 'deciding' },
  ESCALATED: 'deciding',
  HOLD_CHANGED: 'deciding',
  ENDED: 'none',
} as const;
