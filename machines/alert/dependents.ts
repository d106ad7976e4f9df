import { alertActor } from '../shared/actorId.ts';
import { type ActorMessage, instantOf, type UmbrellaMember } from '../shared/protocol.ts';
import { noteQueued } from './notifications.ts';
import type { AlertContext } from './types.ts';

/**
 * Dependencies between alerts. An alert that an outage explains gets no ticket while that outage lasts; the ticket of
 * the outage names it. This file serves both sides. Pure.
 */

type Change = Partial<AlertContext>;

const MAX_NAMED_IN_NOTE = 200;
const MAX_DEPENDENTS = 2_000;

/** Asks the alerts that explain this one to name it; each is asked once per episode. */
export const askToBeNamed = (context: AlertContext): ActorMessage[] => {
  const { alertKey, severity, title, episode } = context;
  const member: UmbrellaMember = { alertKey, severity, title };
  return notAsked(context).map((key) => ({ to: alertActor(key), event: { type: 'DEPENDENT', member, episode } }));
};

export const askedToBeNamed = (context: AlertContext): Change => ({
  namedOn: [...context.namedOn, ...notAsked(context)],
});

const notAsked = ({ under, namedOn }: AlertContext): string[] => under.filter((key) => !namedOn.includes(key));

/** Each dependent is named once for each of its episodes: at once if there is a ticket, else when it is filed. */
export function dependentAdded(context: AlertContext, event: { member: UmbrellaMember; episode: number }): Change {
  const { active, dependentsSeen } = context;
  const seen = `${event.member.alertKey} ${event.episode}`;
  if (!active || dependentsSeen.includes(seen) || dependentsSeen.length >= MAX_DEPENDENTS) return {};
  const added = { dependents: [...context.dependents, event.member], dependentsSeen: [...dependentsSeen, seen] };
  return { ...added, ...dependentsNoted({ ...context, ...added }, event) };
}

/** Names the dependents in a note. A note that still waits takes them in, so that many dependents make few notes. */
export function dependentsNoted(context: AlertContext, event: object): Change {
  const { ticket, dependents, chores } = context;
  if (!ticket || dependents.length === 0) return {};
  // One that had its turn may have been written.
  const last = chores.length > 1 && chores.at(-1)?.late === undefined ? chores.at(-1) : undefined;
  if (last?.kind === 'note' && last.about.what === 'dependents' && last.ticketId === ticket.id) {
    const members = [...last.about.members, ...dependents];
    if (members.length <= MAX_NAMED_IN_NOTE) {
      return { dependents: [], chores: [...chores.slice(0, -1), { ...last, about: { ...last.about, members } }] };
    }
  }
  return {
    dependents: [],
    ...noteQueued(context, { what: 'dependents', members: dependents, at: instantOf(event) }),
  };
}
