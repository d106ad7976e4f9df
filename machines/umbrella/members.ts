import { UMBRELLA_PREFIX, umbrellaActor } from '../shared/actorId.ts';
import { howManyFit, shortened, TICKET_LIMIT } from '../shared/memberLists.ts';
import { instantOf, type Membership, type TicketText, type UmbrellaMember } from '../shared/protocol.ts';
import type { UmbrellaContext } from './types.ts';

/** Storms and their members: who joins, who leaves, and who is named. Pure. */

type Change = Partial<UmbrellaContext>;

const noStorm = { count: 0, members: [], naming: 0, notes: 0, filingId: null, probe: false, ticket: null };

const withoutWorse = ({ worse }: UmbrellaContext): Change => (worse ? { worse: [], worseNaming: 0 } : {});

export const stormEnded = (context: UmbrellaContext): Change => ({ ...noStorm, ...withoutWorse(context) });

export const initialContext = (actorId: string): UmbrellaContext => ({
  source: actorId.slice(UMBRELLA_PREFIX.length),
  storm: 0,
  since: '',
  ...noStorm,
  unsaid: [],
  saying: 0,
  said: 0,
  chores: [],
});

/** A storm begins with these members, which its ticket names. */
export function stormStarted(
  context: UmbrellaContext,
  members: UmbrellaMember[],
  event: { words?: TicketText } | object,
): Change {
  const { source, storm, words } = context;
  const known = members.map(shortened);
  return {
    ...noStorm,
    ...withoutWorse(context),
    ...('words' in event && event.words ? { words: event.words } : words ? { words: null } : {}),
    storm: storm + 1,
    since: instantOf(event),
    count: known.length,
    members: known,
    naming: howManyFit(known, TICKET_LIMIT),
    filingId: `${umbrellaActor(source)}:${storm + 1}`,
  };
}

export const joined = ({ count, members }: UmbrellaContext, member: UmbrellaMember): Change => ({
  count: count + 1,
  members: [...members, shortened(member)],
});

/** A member that no text names yet is named with its new severity; another one is named again. */
export function worsened(context: UmbrellaContext, member: UmbrellaMember): Change {
  const { members, naming, worse = [], worseNaming = 0 } = context;
  const is = (other: UmbrellaMember) => other.alertKey === member.alertKey;
  const at = members.findLastIndex((other, n) => n >= naming && is(other));
  if (at >= 0) return { members: members.with(at, shortened(member)) };
  return { worse: [...worse.filter((other, n) => n < worseNaming || !is(other)), shortened(member)] };
}

/** A member that resolves is dropped, unless a text names it that is written or being written. */
export function left({ count, members, naming, ticket }: UmbrellaContext, alertKey: string): Change {
  const beingWritten = ticket ? naming : 0;
  const at = members.findLastIndex((member, n) => n >= beingWritten && member.alertKey === alertKey);
  if (at < 0) return {};
  return { count: count - 1, members: members.toSpliced(at, 1), naming: at < naming ? naming - 1 : naming };
}

export const isUnnamed = (context: UmbrellaContext, alertKey: string): boolean =>
  left(context, alertKey).members !== undefined;

export const isLastMember = (context: UmbrellaContext, alertKey: string): boolean =>
  left(context, alertKey).members?.length === 0;

/** The text was written. The members that it names need no place here any more. */
export const namesWritten = ({ members, naming, worse, worseNaming }: UmbrellaContext): Change => ({
  members: members.slice(naming),
  naming: 0,
  ...(worse ? { worse: worse.slice(worseNaming), worseNaming: 0 } : {}),
});

/** Records that these alerts are named by the ticket of this storm, or will be; or that they are not. */
export const memberships = (
  { filingId }: UmbrellaContext,
  members: { alertKey: string }[],
  isOn: boolean,
): Membership[] => (filingId === null ? [] : members.map(({ alertKey }) => ({ filingId, alertKey, isOn })));
