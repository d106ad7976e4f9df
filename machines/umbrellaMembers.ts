import {
  type AuditEntry,
  type Chore,
  type ChoreResult,
  type DmRequest,
  type FiledTicket,
  type FilingIntent,
  type FilingResult,
  instantOf,
  type Tell,
  type UmbrellaMember,
} from './asks.ts';

/** Whom an umbrella names, on its ticket and in its messages: pure arithmetic over context and event. */

export interface UmbrellaContext {
  source: string;
  /** Counts the storms; each has a ticket of its own. */
  storm: number;
  since: string;
  members: UmbrellaMember[];
  /** How many members the ticket already names, and how many it will once the present note stands. */
  listed: number;
  listing: number;
  filingId: string | null;
  probe: boolean;
  ticket: FiledTicket | null;
  /** Members that no message has named yet. */
  unsaid: UmbrellaMember[];
  /** How many of them the message now being sent names. */
  saying: number;
  said: number;
}

type Change = Partial<UmbrellaContext>;

/** More would not fit on a screen, nor in one message. */
const NAMED_AT_ONCE = 200;

const calm = { members: [], listed: 0, listing: 0, filingId: null, probe: false, ticket: null };

export const blank = (id: string): UmbrellaContext => ({
  source: id.replace(/^umbrella:/, ''),
  storm: 0,
  since: '',
  ...calm,
  unsaid: [],
  saying: 0,
  said: 0,
});

export const calmed: Change = calm;

/** A storm begins: its ticket names all who are known by now. */
export const begun = ({ source, storm }: UmbrellaContext, members: UmbrellaMember[], event: object): Change => ({
  ...calm,
  storm: storm + 1,
  since: instantOf(event),
  members,
  listed: Math.min(members.length, NAMED_AT_ONCE),
  filingId: `umbrella:${source}:${storm + 1}`,
});

export const intents = ({ source, storm, since, members, listed, filingId }: UmbrellaContext): FilingIntent[] =>
  filingId === null
    ? []
    : [
        {
          filingId,
          subjectKey: `umbrella:${source}:${storm}`,
          source: null,
          deadlineAt: null,
          request: { path: 'umbrella', source, since, count: members.length, members: members.slice(0, listed) },
        },
      ];

export const joined = ({ members }: UmbrellaContext, member: UmbrellaMember): Change => ({
  members: [...members, member],
});

/** An alert that is over before its name was written down needs no mention; what is written stays. */
export function left({ members, listed, listing, ticket }: UmbrellaContext, alertKey: string): Change {
  const written = ticket ? Math.max(listed, listing) : 0;
  const at = members.findLastIndex((member, n) => n >= written && member.alertKey === alertKey);
  return at < 0 ? {} : { members: members.toSpliced(at, 1), listed: at < listed ? listed - 1 : listed };
}

export const isLast = (context: UmbrellaContext, alertKey: string): boolean =>
  left(context, alertKey).members?.length === 0;

export const unlisted = ({ members, listed }: UmbrellaContext): UmbrellaMember[] => members.slice(listed);

export const current = ({ filingId }: UmbrellaContext): string[] => (filingId === null ? [] : [filingId]);

export const me = ({ source }: UmbrellaContext): string => `umbrella:${source}`;

/** Nothing comes of this storm's ticket: each member must hear it, or it would wait for ever. */
export function dismissed({ members }: UmbrellaContext, result: FilingResult | null): Tell[] {
  const reason = result?.outcome === 'refused' ? result.reason : 'rejected';
  return members.map(({ alertKey }) => ({ to: `alert:${alertKey}`, event: { type: 'UNLISTED', reason } }));
}

export const filed = (result: FilingResult): Change => (result.outcome === 'filed' ? { ticket: result.ticket } : {});

export const filedAudit = ({ source, members, storm }: UmbrellaContext, result: FilingResult): AuditEntry[] =>
  result.outcome === 'filed'
    ? [
        {
          action: 'console.alerts.umbrella_filed',
          payload: {
            source,
            storm,
            members: members.length,
            ticket_id: result.ticket.id,
            ticket_url: result.ticket.url,
          },
          actor: source,
        },
      ]
    : [];

export const toList = ({ members, listed }: UmbrellaContext): Change => ({
  listing: Math.min(members.length, listed + NAMED_AT_ONCE),
});

export const listingChore = (
  { source, storm, members, listed, listing, ticket }: UmbrellaContext,
  event: object,
): Chore => ({
  kind: 'note',
  id: `note:umbrella:${source}:${storm}:${listed}`,
  ticketId: ticket?.id ?? 0,
  about: {
    what: 'members',
    source,
    count: members.length,
    members: members.slice(listed, listing),
    at: instantOf(event),
  },
});

export const noteAudit = ({ source, ticket }: UmbrellaContext, result: ChoreResult): AuditEntry[] =>
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
  unsaid.some(({ alertKey }) => alertKey === member.alertKey) ? {} : { unsaid: [...unsaid, member] };

export const toSay = ({ unsaid, said }: UmbrellaContext): Change => ({
  said: said + 1,
  saying: Math.min(unsaid.length, NAMED_AT_ONCE),
});

export const saidSo = ({ unsaid, saying }: UmbrellaContext): Change => ({ unsaid: unsaid.slice(saying), saying: 0 });

export const grouped = ({ source, storm, unsaid, saying, ticket, said }: UmbrellaContext): DmRequest => ({
  id: `dm:umbrella:${source}:${said}`,
  thread: `umbrella:${source}:${storm}`,
  kind: 'grouped',
  source,
  body: { source, members: unsaid.slice(0, saying), count: saying, ticket },
});
