import * as desk from '../shared/helpdeskMessages.ts';
import type { ActorMessage, FilingResult, UmbrellaMember } from '../shared/protocol.ts';
import type { UmbrellaContext } from './members.ts';
import * as storm from './members.ts';

/** What the umbrella ticket's answers and members lead to, for the states that share it. */

interface In {
  context: UmbrellaContext;
}
interface Answered extends In {
  event: { output: FilingResult };
}
interface Joining extends In {
  event: { member: UmbrellaMember };
}
interface Leaving extends In {
  event: { alertKey: string };
}

const filedAnd = (tells: (result: FilingResult) => ActorMessage[]) =>
  ({
    guard: { type: 'isFiled', params: ({ event }: Answered) => event.output },
    target: 'standing',
    actions: [
      { type: 'audit', params: ({ context, event }: Answered) => storm.filedAudit(context, event.output) },
      { type: 'tell', params: ({ event }: Answered) => tells(event.output) },
      { type: 'set', params: ({ context, event }: Answered) => storm.filed(context, event.output) },
    ],
  }) as const;

export const filed = filedAnd(desk.works);

/** Found after the doubt. */
export const filedAfterAll = filedAnd(() => desk.worksAfterAll);

/** All members were over before the ticket was there. */
export const needless = { guard: 'isEmpty', target: 'calm' } as const;

/** Another storm's ticket is to name whom this one's does not. */
export const filesAnew = [
  { type: 'enlist', params: ({ context }: In) => storm.unlisted(context) },
  { type: 'set', params: ({ context, event }: In & { event: object }) => storm.begun(context, context.members, event) },
  { type: 'intend', params: ({ context }: In) => storm.intents(context) },
  { type: 'enlist', params: ({ context }: In) => storm.listed(context) },
] as const;

export const joins = [
  { type: 'enlist', params: ({ context, event }: Joining) => storm.listedOne(context, event.member) },
  { type: 'set', params: ({ context, event }: Joining) => storm.joined(context, event.member) },
] as const;

export const leaves = [
  { type: 'enlist', params: ({ context, event }: Leaving) => storm.unlistedOne(context, event.alertKey) },
  { type: 'set', params: ({ context, event }: Leaving) => storm.left(context, event.alertKey) },
] as const;

export const broken = {
  target: 'calm',
  actions: [
    { type: 'withdraw', params: ({ context }: In) => storm.current(context) },
    { type: 'enlist', params: ({ context }: In) => storm.unlisted(context) },
    { type: 'tell', params: ({ context }: In) => storm.dismissed(context, null) },
  ],
} as const;

/** The last member is over: nothing is posted from now on, but what may have been posted is still looked for. */
export const lastLeaves = {
  guard: { type: 'isLast', params: ({ event }: { event: { alertKey: string } }) => event.alertKey },
  actions: [{ type: 'withdraw', params: ({ context }: In) => storm.current(context) }, ...leaves],
} as const;
