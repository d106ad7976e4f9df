import { output } from '../shared/filing.ts';
import { helpdeskActions } from '../shared/helpdeskActions.ts';
import { leaveQueue } from '../shared/helpdeskMessages.ts';
import type { FilingResult, UmbrellaMember } from '../shared/protocol.ts';
import * as filing from './filing.ts';
import { memberships } from './members.ts';
import type { UmbrellaContext } from './types.ts';

/** Lists of actions that several transitions of the ticket region share. When they run and where they lead is in the chart. */

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

const withdrawFiling = { type: 'withdraw', params: ({ context }: In) => filing.openFilings(context) } as const;
const intendFiling = { type: 'intend', params: ({ context }: In) => filing.intents(context) } as const;
const enlistAll = {
  type: 'enlist',
  params: ({ context }: In) => memberships(context, context.members, true),
} as const;
const unlistAll = {
  type: 'enlist',
  params: ({ context }: In) => memberships(context, context.members, false),
} as const;

const reports = helpdeskActions(filing.actorIdOf);
export const { reportInDoubt, reportFailed, reportWaiting, giveTurnBack, leaveHelpdeskQueue } = reports;

export const onFirstMember = [
  { type: 'startStorm', params: ({ event }: Joining) => [event.member] },
  intendFiling,
  enlistAll,
] as const;

/** The members that the ticket does not name begin a new storm, with a ticket of its own. */
export const startNextStorm = [
  unlistAll,
  { type: 'startStorm', params: ({ context }: In) => context.members },
  intendFiling,
  enlistAll,
] as const;

export const onJoined = [
  { type: 'enlist', params: ({ context, event }: Joining) => memberships(context, [event.member], true) },
  { type: 'addMember', params: ({ event }: Joining) => event.member },
] as const;

export const onLeft = [
  { type: 'enlist', params: ({ context, event }: Leaving) => memberships(context, [event], false) },
  { type: 'removeMember', params: ({ event }: Leaving) => event.alertKey },
] as const;

/** A request in flight cannot be cancelled. Nothing more is posted after it. */
export const onLastLeft = [withdrawFiling, ...onLeft] as const;

export const onFiled = [
  { type: 'audit', params: ({ context, event }: Answered) => filing.filedAudit(context, event.output) },
  reports.reportFiled,
  { type: 'recordTicket', params: output<FilingResult> },
] as const;

export const onFiledAfterDoubt = [
  { type: 'audit', params: ({ context, event }: Answered) => filing.filedAudit(context, event.output) },
  reports.reportFound,
  { type: 'recordTicket', params: output<FilingResult> },
] as const;

/** No umbrella ticket. The members decide again. */
export const onRefused = [
  giveTurnBack,
  withdrawFiling,
  unlistAll,
  { type: 'tell', params: ({ context, event }: Answered) => filing.membersDismissed(context, event.output) },
] as const;

/** The effect itself failed. The intent must not stay open, and the members decide again. */
export const onBroken = [
  withdrawFiling,
  {
    type: 'tell',
    params: ({ context }: In) => (filing.lastTry(context).last ? leaveQueue(filing.actorIdOf(context)) : []),
  },
  unlistAll,
  { type: 'tell', params: ({ context }: In) => filing.membersDismissed(context, null) },
] as const;
