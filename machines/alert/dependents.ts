import { alertActor } from '../shared/actorId.ts';
import { inLists, shortened, TICKET_LIMIT } from '../shared/memberLists.ts';
import { type ActorMessage, instantOf, type UmbrellaMember } from '../shared/protocol.ts';
import { noteQueued } from './notifications.ts';
import type { AlertContext } from './types.ts';

/**
 * Dependencies between alerts. An alert that an outage explains gets no ticket while that outage lasts; the ticket of
 * the outage names it. This file serves both sides. Pure.
 */

type Change = Partial<AlertContext>;

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
  const added = {
    dependents: [...context.dependents, shortened(event.member)],
    dependentsSeen: [...dependentsSeen, seen],
  };
  return { ...added, ...dependentsNoted({ ...context, ...added }, event) };
}

/** Names the dependents in as few notes as can hold them. A note that still waits takes them in. */
export function dependentsNoted(context: AlertContext, event: object): Change {
  if (!context.ticket || context.dependents.length === 0) return {};
  const waiting = waitingNote(context);
  const lists = inLists([...(waiting?.about.members ?? []), ...context.dependents], TICKET_LIMIT);
  let noted = context;
  if (waiting) {
    const about = { ...waiting.about, members: lists.shift() ?? [] };
    noted = { ...noted, chores: [...noted.chores.slice(0, -1), { ...waiting, about }] };
  }
  for (const members of lists) {
    noted = { ...noted, ...noteQueued(noted, { what: 'dependents', members, at: instantOf(event) }) };
  }
  return { dependents: [], chores: noted.chores, said: noted.said };
}

/** The last update, if it is a note about dependents of this ticket. One that had its turn may have been written. */
function waitingNote({ ticket, chores }: AlertContext) {
  const last = chores.length > 1 ? chores.at(-1) : undefined;
  if (last?.kind !== 'note' || last.late !== undefined || last.ticketId !== ticket?.id) return null;
  const { about } = last;
  return about.what === 'dependents' ? { ...last, about } : null;
}
