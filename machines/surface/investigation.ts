import { adoptionAudit } from '../shared/adoption.ts';
import {
  type Adoption,
  type AuditEntry,
  type ClickAnswer,
  type FilingIntent,
  type FilingResult,
  instantOf,
  type TicketUpdate,
  type TicketUpdateResult,
} from '../shared/protocol.ts';
import type { Click, FoundEvent, SurfaceContext } from './types.ts';

/** What a surface does about operators' clicks: whom it files for, and what it answers. */

type Change = Partial<SurfaceContext>;

/** Nothing is posted later than this after a click: its answer is due at 15 s, and must not be made a lie afterwards. */
const POST_WITHIN_MS = 14_000;
const TICKETS_REMEMBERED = 20;

export const mayInvestigate = ({ status, maintenance }: SurfaceContext): boolean =>
  maintenance === null && (status === 'DEGRADED' || status === 'DOWN');

export const queued = ({ clicks, status, since }: SurfaceContext, click: { clickId: string; by: string }): Change => ({
  clicks: [...clicks, { clickId: click.clickId, by: click.by, status, since, at: instantOf(click) }],
});

/** The first click's status opens a round; later clicks at the same status share its outcome. */
export function begun({ surfaceId, filings, clicks }: SurfaceContext): Change {
  const first = clicks[0];
  if (!first) return {};
  return {
    filings: filings + 1,
    round: {
      filingId: `investigate:${surfaceId}:${filings + 1}`,
      status: first.status,
      since: first.since,
      by: first.by,
      deadlineAt: new Date(Date.parse(first.at) + POST_WITHIN_MS).toISOString(),
    },
  };
}

export function intent({ surfaceId, name, round }: SurfaceContext): FilingIntent[] {
  if (!round) return [];
  const { status, since, by } = round;
  return [
    {
      filingId: round.filingId,
      subjectKey: `investigate:${surfaceId}:${status}`,
      source: null,
      deadlineAt: round.deadlineAt,
      request: { path: 'investigate', surfaceId, surfaceName: name, status, since, by },
    },
  ];
}

export const current = ({ round }: SurfaceContext): string[] => (round ? [round.filingId] : []);

const inRound = ({ clicks, round }: SurfaceContext): Click[] => clicks.filter((c) => c.status === round?.status);

/** The round is over; clicks at another status open the next one. */
export const answered = ({ clicks, round }: SurfaceContext): Change => ({
  clicks: clicks.filter((c) => c.status !== round?.status),
  round: null,
});

/** Over without a ticket: clicks that came after its refusal open the next one, too. */
export const ended = (context: SurfaceContext): Change =>
  context.round?.forsaken ? { round: null } : answered(context);

const SENTENCES: Record<string, string> = {
  freescout_unavailable: 'FreeScout does not answer. No ticket was filed and none will be; try again in a moment.',
  freescout_unauthorized: 'FreeScout refuses our API key. No ticket was filed; the key has to be renewed.',
  freescout_forbidden:
    'FreeScout answers that this is forbidden. No ticket was filed; check its host list and firewall.',
  mailbox_not_found: 'The operations mailbox does not exist in FreeScout. No ticket was filed.',
  tags_unavailable: 'The Tags module of FreeScout is off. No ticket was filed, because it could not be tagged.',
  not_configured: 'FreeScout is not configured here. No ticket was filed.',
  outcome_unknown:
    'FreeScout was asked but its answer got lost. We keep looking for the ticket and show it here as soon as it is found; nothing is filed twice.',
};

const REASONS: Record<string, string> = {
  unauthorized: 'freescout_unauthorized',
  forbidden: 'freescout_forbidden',
  mailbox_not_found: 'mailbox_not_found',
  tags_unavailable: 'tags_unavailable',
  not_configured: 'not_configured',
};

const degradedBody = (surfaceId: string, status: string, reason: string) => ({
  surface_id: surfaceId,
  status,
  degraded: true,
  reason,
  message: SENTENCES[reason],
});

/** Every click that waits for this round hears why there is no ticket. */
export const sorry = (context: SurfaceContext, reason: string): ClickAnswer[] =>
  context.round?.forsaken ? [] : inRound(context).map((click) => degraded(context, click, reason));

/** All clicks hear it, those at another status too: nothing more is filed here before the doubt is over. */
export const unsure = (context: SurfaceContext): ClickAnswer[] =>
  context.clicks.map((click) => degraded(context, click, 'outcome_unknown'));

/** One operator has waited long enough. Nothing went out for a click whose round has not begun. */
export const overdue = (context: SurfaceContext, due: { clickId: string; attempted: boolean }): ClickAnswer[] =>
  context.clicks
    .filter(({ clickId }) => clickId === due.clickId)
    .map((click) => {
      const isUnknown = due.attempted && click.status === context.round?.status;
      return degraded(context, click, isUnknown ? 'outcome_unknown' : 'freescout_unavailable');
    });

/** Nobody waits for this round any more: what was not posted by now is cancelled. */
export const forsaken = (context: SurfaceContext, { clickId }: { clickId: string }): string[] =>
  inRound(context).every((click) => click.clickId === clickId) ? current(context) : [];

export function without(context: SurfaceContext, due: { clickId: string }): Change {
  const { clicks, round } = context;
  const others = clicks.filter(({ clickId }) => clickId !== due.clickId);
  return round && forsaken(context, due).length > 0
    ? { clicks: others, round: { ...round, forsaken: true } }
    : { clicks: others };
}

const degraded = ({ surfaceId }: SurfaceContext, { clickId, status }: Click, reason: string): ClickAnswer => ({
  clickId,
  body: degradedBody(surfaceId, status, reason),
});

export const whyNot = (result: FilingResult): string => {
  if (result.outcome === 'doubt') return 'outcome_unknown';
  return (result.outcome === 'failed' ? REASONS[result.problem] : undefined) ?? 'freescout_unavailable';
};

/** A click that cannot be queued is answered at once. */
export const refused = (
  { surfaceId, status, maintenance }: SurfaceContext,
  clickId: string,
  reason: 'not_degraded' | 'outcome_unknown',
): ClickAnswer[] => [
  {
    clickId,
    body:
      reason === 'not_degraded'
        ? { refused: 'not_degraded', surface_id: surfaceId, status: maintenance ? 'MAINTENANCE' : status }
        : degradedBody(surfaceId, status, reason),
  },
];

/** One answer for each click: the first to ask is the one it was filed for, where it was filed now. */
export function filedAnswers(context: SurfaceContext, result: FilingResult): ClickAnswer[] {
  if (result.outcome !== 'filed') return [];
  return inRound(context).map((click, n) => ({
    clickId: click.clickId,
    body: { ...facts(context, click.status, result, isFirst(n, result)), degraded: false },
  }));
}

/** One row for each answered click; one all the same where nobody waits for the answer any more. */
export function filedAudit(context: SurfaceContext, result: FilingResult): AuditEntry[] {
  const { round } = context;
  if (result.outcome !== 'filed' || !round) return [];
  const waiting = inRound(context);
  const rows = waiting.length > 0 || !result.created ? waiting : [round];
  return rows.map(({ by, status }, n) => ({
    action: 'console.status.ticket_filed',
    payload: facts(context, status, result, isFirst(n, result)),
    actor: by,
  }));
}

const isFirst = (n: number, result: { created: boolean }): boolean => n === 0 && result.created;

const facts = (
  { surfaceId }: SurfaceContext,
  status: string,
  { ticket }: { ticket: { id: number; url: string } },
  first: boolean,
) => ({ surface_id: surfaceId, status, ticket_id: ticket.id, ticket_url: ticket.url, idempotent: !first });

/** The ticket is remembered for the recoveries to come, and told of one that was quicker than its filing. */
export function kept(context: SurfaceContext, result: FilingResult, event: object): Change {
  const { round, surfaceId, name, status, since, said, chores, tickets } = context;
  if (result.outcome !== 'filed' || !round) return {};
  const { ticket, tagged } = result;
  const { filingId } = round;
  const tag: TicketUpdate[] = tagged ? [] : [{ kind: 'tag', id: `${filingId}:tag`, filingId, ticketId: ticket.id }];
  const others = tickets.filter(({ id }) => id !== ticket.id);
  const missedIt = status === 'OPERATIONAL' && others.length === tickets.length;
  const about = { what: 'recovered' as const, name, since: round.since, at: since ?? instantOf(event) };
  const id = `surface:${surfaceId}:note:${said + 1}`;
  const note: TicketUpdate[] = missedIt ? [{ kind: 'note', id, ticketId: ticket.id, about }] : [];
  return {
    tickets: [...others, ticket].slice(-TICKETS_REMEMBERED),
    said: said + note.length,
    chores: [...chores, ...tag, ...note],
  };
}

/** The round as it would be, had its ticket been found in time; nobody waits for its answer any more. */
function asFiled(context: SurfaceContext, { filingId, status, since, by, ticket }: FoundEvent) {
  const round = { filingId, status, since, by, deadlineAt: '' };
  const result: FilingResult = { outcome: 'filed', ticket, created: true, tagged: false, whileFailing: false };
  return { context: { ...context, round, clicks: [] }, result };
}

export const adopted = ({ filingId, ticket, filedAt }: FoundEvent): Adoption[] => [{ filingId, ticket, filedAt }];

export function foundAudit(given: SurfaceContext, event: FoundEvent): AuditEntry[] {
  const { context, result } = asFiled(given, event);
  return [...filedAudit(context, result), ...adoptionAudit(event)];
}

/** Kept like one that was filed. A round that is under way meanwhile goes on. */
export function foundLate(given: SurfaceContext, event: FoundEvent): Change {
  const { context, result } = asFiled(given, event);
  return kept(context, result, event);
}

export function choreDone({ chores, tickets }: SurfaceContext, result: TicketUpdateResult): Change {
  const [done, ...rest] = chores;
  return result.outcome === 'dropped'
    ? { chores: rest, tickets: tickets.filter(({ id }) => id !== done?.ticketId) }
    : { chores: rest };
}

export function choreAudit({ surfaceId, chores }: SurfaceContext, result: TicketUpdateResult): AuditEntry[] {
  const chore = chores[0];
  if (result.outcome !== 'dropped' || !chore) return [];
  return [
    {
      action: `console.status.${chore.kind}_dropped`,
      payload: { surface_id: surfaceId, ticket_id: chore.ticketId, reason: result.reason },
      actor: 'console',
    },
  ];
}
