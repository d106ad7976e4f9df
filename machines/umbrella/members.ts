import {
  type ActorMessage,
  type AuditEntry,
  type DmRequest,
  type FiledTicket,
  type FilingIntent,
  type FilingResult,
  instantOf,
  type Membership,
  type TicketUpdate,
  type TicketUpdateResult,
  type UmbrellaMember,
  type Words,
} from '../shared/protocol.ts';

/** Whom an umbrella names, on its ticket and in its messages: pure arithmetic over context and event. */

export interface UmbrellaContext {
  source: string;
  /** Counts the storms; each has a ticket of its own. */
  storm: number;
  since: string;
  /** How many joined this storm, without those who were over before their name was written down. */
  count: number;
  /** Those whose name is not written down yet, in the order in which they joined. */
  members: UmbrellaMember[];
  /** How many of them the ticket or note names that is being written. */
  naming: number;
  /** How many notes have listed members of this storm. */
  notes: number;
  filingId: string | null;
  probe: boolean;
  ticket: FiledTicket | null;
  /** Members that no message has named yet. */
  unsaid: UmbrellaMember[];
  /** How many of them the message now being sent names. */
  saying: number;
  said: number;
  /** Duties towards tickets of ours, next first; one is left over where a ticket could not be tagged at once. */
  chores: TicketUpdate[];
  /** What a person wrote for this storm's ticket, in place of what we would say. */
  words?: Words | null;
}

type Change = Partial<UmbrellaContext>;

/** What fits: a page that FreeScout still shows well, and a message that Slack takes. */
const ON_TICKET = { members: 500, characters: 60_000 };
const IN_MESSAGE = { members: 150, characters: 9_000 };
const TITLE_LENGTH = 120;
/** What stands around a title and its key. */
const AROUND = 8;

const MINUTE = 60_000;
/** Between two notes: the first ones soon, then ever fewer, so that a long storm does not bury its ticket. */
const PAUSES = [MINUTE / 2, MINUTE / 2, MINUTE, 2 * MINUTE, 5 * MINUTE];

const calm = { count: 0, members: [], naming: 0, notes: 0, filingId: null, probe: false, ticket: null };

export const blank = (id: string): UmbrellaContext => ({
  source: id.replace(/^umbrella:/, ''),
  storm: 0,
  since: '',
  ...calm,
  unsaid: [],
  saying: 0,
  said: 0,
  chores: [],
});

export const calmed: Change = calm;

/** A name on a list, not a story. */
const brief = ({ alertKey, severity, title }: UmbrellaMember): UmbrellaMember => {
  const characters = [...title];
  const cut = characters.length > TITLE_LENGTH ? `${characters.slice(0, TITLE_LENGTH - 1).join('')}…` : title;
  return { alertKey, severity, title: cut };
};

/** How many of them, from the first, fit into one list. */
function fitting(members: UmbrellaMember[], limit: { members: number; characters: number }): number {
  let characters = 0;
  const over = members.findIndex(({ alertKey, title }, n) => {
    characters += alertKey.length + title.length + AROUND;
    return n >= limit.members || characters > limit.characters;
  });
  return over < 0 ? members.length : Math.max(1, over);
}

/** A storm begins: its ticket names all who are known by now. */
export function begun(
  { source, storm, words }: UmbrellaContext,
  members: UmbrellaMember[],
  event: { words?: Words } | object,
): Change {
  const known = members.map(brief);
  return {
    ...calm,
    ...('words' in event && event.words ? { words: event.words } : words ? { words: null } : {}),
    storm: storm + 1,
    since: instantOf(event),
    count: known.length,
    members: known,
    naming: fitting(known, ON_TICKET),
    filingId: `umbrella:${source}:${storm + 1}`,
  };
}

export function intents(context: UmbrellaContext): FilingIntent[] {
  const { source, storm, since, count, members, naming, filingId, words } = context;
  if (filingId === null) return [];
  const named = { source, since, count, members: members.slice(0, naming) };
  return [
    {
      filingId,
      subjectKey: `umbrella:${source}:${storm}`,
      source: null,
      deadlineAt: null,
      request: { path: 'umbrella', ...(words ? { words } : {}), ...named },
    },
  ];
}

export const joined = ({ count, members }: UmbrellaContext, member: UmbrellaMember): Change => ({
  count: count + 1,
  members: [...members, brief(member)],
});

/** An alert that is over before its name was written down needs no mention; what is written, or being written, stays. */
export function left({ count, members, naming, ticket }: UmbrellaContext, alertKey: string): Change {
  const written = ticket ? naming : 0;
  const at = members.findLastIndex((member, n) => n >= written && member.alertKey === alertKey);
  if (at < 0) return {};
  return { count: count - 1, members: members.toSpliced(at, 1), naming: at < naming ? naming - 1 : naming };
}

const memberships = ({ filingId }: UmbrellaContext, members: { alertKey: string }[], isOn: boolean): Membership[] =>
  filingId === null ? [] : members.map(({ alertKey }) => ({ filingId, alertKey, isOn }));

/** All that this storm's ticket still has to name are on it, or will be; or come to nothing there. */
export const listed = (context: UmbrellaContext): Membership[] => memberships(context, context.members, true);
export const unlisted = (context: UmbrellaContext): Membership[] => memberships(context, context.members, false);

export const listedOne = (context: UmbrellaContext, member: UmbrellaMember): Membership[] =>
  memberships(context, [member], true);

export const unlistedOne = (context: UmbrellaContext, alertKey: string): Membership[] =>
  memberships(context, [{ alertKey }], false);

export const isUnnamed = (context: UmbrellaContext, alertKey: string): boolean =>
  left(context, alertKey).members !== undefined;

export const isLast = (context: UmbrellaContext, alertKey: string): boolean =>
  left(context, alertKey).members?.length === 0;

export const isUnlisted = ({ members }: UmbrellaContext): boolean => members.length > 0;

export const current = ({ filingId }: UmbrellaContext): string[] => (filingId === null ? [] : [filingId]);

export const me = ({ source }: UmbrellaContext): string => `umbrella:${source}`;

/** Nothing comes of this storm's ticket: each member must hear it, or it would wait for ever. */
export function dismissed({ members, filingId }: UmbrellaContext, result: FilingResult | null): ActorMessage[] {
  const reason = result?.outcome === 'refused' ? result.reason : 'rejected';
  return members.map(({ alertKey }) => ({ to: `alert:${alertKey}`, event: { type: 'UNLISTED', reason, filingId } }));
}

/** What was being written stands: whoever it names needs no place here any more. */
export const written = ({ members, naming }: UmbrellaContext): Change => ({
  members: members.slice(naming),
  naming: 0,
});

export function filed(context: UmbrellaContext, result: FilingResult): Change {
  const { filingId, chores } = context;
  if (result.outcome !== 'filed' || filingId === null) return {};
  const { ticket, tagged } = result;
  const tag: TicketUpdate[] = tagged ? [] : [{ kind: 'tag', id: `${filingId}:tag`, filingId, ticketId: ticket.id }];
  return { ticket, ...written(context), chores: [...chores, ...tag] };
}

export const choreDone = ({ chores }: UmbrellaContext): Change => ({ chores: chores.slice(1) });

export function choreAudit({ source, chores: [chore] }: UmbrellaContext, result: TicketUpdateResult): AuditEntry[] {
  if (result.outcome !== 'dropped' || !chore) return [];
  const payload = { source, ticket_id: chore.ticketId, reason: result.reason };
  return [{ action: `console.alerts.${chore.kind}_dropped`, payload, actor: source }];
}

export const filedAudit = ({ source, count, storm }: UmbrellaContext, result: FilingResult): AuditEntry[] =>
  result.outcome === 'filed'
    ? [
        {
          action: 'console.alerts.umbrella_filed',
          payload: { source, storm, members: count, ticket_id: result.ticket.id, ticket_url: result.ticket.url },
          actor: source,
        },
      ]
    : [];

/** Soon where few notes were written yet, or where more wait than one note can name. */
export const untilListing = ({ members, notes }: UmbrellaContext): number =>
  (fitting(members, ON_TICKET) < members.length ? PAUSES[0] : PAUSES[Math.min(notes, PAUSES.length - 1)]) ?? MINUTE;

export const toList = ({ members, notes }: UmbrellaContext): Change => ({
  naming: fitting(members, ON_TICKET),
  notes: notes + 1,
});

export const listingChore = (
  { source, storm, count, members, naming, notes, ticket }: UmbrellaContext,
  event: object,
): TicketUpdate => ({
  kind: 'note',
  id: `note:umbrella:${source}:${storm}:list:${notes}`,
  ticketId: ticket?.id ?? 0,
  about: { what: 'members', source, count, members: members.slice(0, naming), at: instantOf(event) },
});

export const toEnd = ({ notes }: UmbrellaContext): Change => ({ notes: notes + 1 });

/** The last word on a storm's ticket. */
export const endingChore = (
  { source, storm, since, count, notes, ticket }: UmbrellaContext,
  event: object,
): TicketUpdate => ({
  kind: 'note',
  id: `note:umbrella:${source}:${storm}:over:${notes}`,
  ticketId: ticket?.id ?? 0,
  about: { what: 'calm', source, count, since, at: instantOf(event) },
});

export const noteAudit = ({ source, ticket }: UmbrellaContext, result: TicketUpdateResult): AuditEntry[] =>
  result.outcome === 'dropped'
    ? [
        {
          action: 'console.alerts.note_dropped',
          payload: { source, ticket_id: ticket?.id ?? 0, reason: result.reason },
          actor: source,
        },
      ]
    : [];

/** One that waits to be named already, for its ticket or for its message, is named once. */
export const toBeSaid = ({ unsaid }: UmbrellaContext, member: UmbrellaMember): Change =>
  unsaid.some(({ alertKey }) => alertKey === member.alertKey) ? {} : { unsaid: [...unsaid, brief(member)] };

/** More than one message can name: the next one need not wait for others. */
export const overflows = ({ unsaid }: UmbrellaContext): boolean => fitting(unsaid, IN_MESSAGE) < unsaid.length;

export const toSay = ({ unsaid, said }: UmbrellaContext): Change => ({
  said: said + 1,
  saying: fitting(unsaid, IN_MESSAGE),
});

export const saidSo = ({ unsaid, saying }: UmbrellaContext): Change => ({ unsaid: unsaid.slice(saying), saying: 0 });

export const grouped = ({ source, storm, unsaid, saying, ticket, said }: UmbrellaContext): DmRequest => ({
  id: `dm:umbrella:${source}:${said}`,
  thread: `umbrella:${source}:${storm}`,
  kind: 'grouped',
  source,
  body: { source, members: unsaid.slice(0, saying), count: saying, ticket },
});

/**
 * What version 1 stored. It kept every member for as long as the storm lasted, with the number of those whose name was
 * written and of those whose name was being written.
 */
export function fromVersion1(context: Record<string, unknown>): Record<string, unknown> {
  const {
    members = [],
    listed = 0,
    listing = 0,
    ...same
  } = context as {
    members?: UmbrellaMember[];
    listed?: number;
    listing?: number;
    ticket?: unknown;
  };
  const stands = Boolean(same.ticket);
  return {
    ...same,
    count: members.length,
    members: stands ? members.slice(listed) : members,
    naming: stands ? Math.max(0, listing - listed) : listed,
    notes: 0,
  };
}
