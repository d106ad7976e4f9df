import type { Pool } from 'pg';
import type { ShadowList } from '../../model/senders.ts';
import { plainText } from '../../tickets/html.ts';

const MAX_ROWS = 100;
/** The rows are kept for months, so only so many are counted. */
const MAX_COUNTED = 1_000;

/** What shadow mode composed, newest first: the latest hundred of each kind. */
export async function listShadow(pool: Pick<Pool, 'query'>): Promise<ShadowList> {
  const [scope, tickets, messages] = await Promise.all([
    pool.query<{ sources: string[]; surfaces: string[] }>(SCOPE),
    pool.query<TicketRow>(TICKETS, [MAX_ROWS]),
    pool.query<MessageRow>(MESSAGES, [MAX_ROWS]),
  ]);
  return {
    ...(scope.rows[0] ?? { sources: [], surfaces: [] }),
    tickets_total: tickets.rows[0]?.total ?? 0,
    tickets: tickets.rows.map(({ total: _, composed_at, html, ...row }) => ({
      ...row,
      text: html.split('\n').map(plainText).join('\n\n'),
      composed_at: composed_at.toISOString(),
    })),
    messages_total: messages.rows[0]?.total ?? 0,
    messages: messages.rows.map(({ total: _, composed_at, message, ...row }) => ({
      ...row,
      headline: message.headline,
      composed_at: composed_at.toISOString(),
    })),
  };
}

interface TicketRow {
  total: number;
  source: string;
  surface_id: string | null;
  alert_key: string | null;
  severity: string | null;
  subject: string;
  html: string;
  composed_at: Date;
  on_umbrella: boolean;
}

interface MessageRow {
  total: number;
  source: string;
  surface_id: string | null;
  kind: string;
  message: { headline: string };
  composed_at: Date;
}

const SCOPE = `
  select array(select id from alert_sources where config->'shadow' = 'true' order by id) as sources,
    array(select id from surfaces where removed_at is null and config->'shadow' = 'true' order by id) as surfaces`;

const counted = (table: string): string =>
  `(select count(*)::int from (select from ${table} limit ${MAX_COUNTED}) counted) as total`;

const TICKETS = `
  select ${counted('shadow_tickets')}, source, surface_id, alert_key, severity, subject, html, composed_at,
    alert_key is not null and admitted_at is null as on_umbrella
  from shadow_tickets order by composed_at desc, id limit $1`;

const MESSAGES = `
  select ${counted('shadow_messages')}, source, surface_id, kind, message, composed_at
  from shadow_messages order by composed_at desc, id limit $1`;
