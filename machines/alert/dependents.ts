import { type ActorMessage, instantOf, type TicketUpdate, type UmbrellaMember } from '../shared/protocol.ts';
import type { AlertContext } from './types.ts';

/**
 * An alert that an outage above it explains gets no ticket of its own while that lasts: it is named on the ticket of
 * that outage. Here is what both sides remember of it; pure.
 */

type Change = Partial<AlertContext>;

/** More would not fit on a screen. */
const NAMED_IN_ONE_NOTE = 200;
const REMEMBERED = 2_000;

/** Tells the alerts of the outages that hold this one; each is told once an episode. */
export const tellThem = ({ alertKey, severity, title, episode, under, namedOn }: AlertContext): ActorMessage[] =>
  under
    .filter((key) => !namedOn.includes(key))
    .map((key) => ({
      to: `alert:${key}`,
      event: { type: 'DEPENDENT', member: { alertKey, severity, title }, episode },
    }));

export const toldThem = ({ under, namedOn }: AlertContext): Change => ({
  namedOn: [...namedOn, ...under.filter((key) => !namedOn.includes(key))],
});

/** Named once for each of its episodes; at once where the ticket is there, with the ticket where it is on its way. */
export function told(context: AlertContext, event: { member: UmbrellaMember; episode: number }): Change {
  const { active, dependents, dependentsSeen } = context;
  const seen = `${event.member.alertKey} ${event.episode}`;
  if (!active || dependentsSeen.includes(seen) || dependentsSeen.length >= REMEMBERED) return {};
  const waiting = { ...context, dependents: [...dependents, event.member], dependentsSeen: [...dependentsSeen, seen] };
  return { dependents: waiting.dependents, dependentsSeen: waiting.dependentsSeen, ...noted(waiting, event) };
}

/** Writes those who wait to be named into a note; one that is not under way yet takes them up, so that many make few notes. */
export function noted(context: AlertContext, event: object): Change {
  const { ticket, dependents, chores, alertKey, said } = context;
  if (!ticket || dependents.length === 0) return {};
  const last = chores.length > 1 ? chores.at(-1) : undefined;
  if (last?.kind === 'note' && last.about.what === 'dependents' && last.ticketId === ticket.id) {
    const members = [...last.about.members, ...dependents];
    if (members.length <= NAMED_IN_ONE_NOTE) {
      return { dependents: [], chores: [...chores.slice(0, -1), { ...last, about: { ...last.about, members } }] };
    }
  }
  const note: TicketUpdate = {
    kind: 'note',
    id: `note:${alertKey}:${said + 1}`,
    ticketId: ticket.id,
    about: { what: 'dependents', members: dependents, at: instantOf(event) },
  };
  return { dependents: [], said: said + 1, chores: [...chores, note] };
}
