import type { Pool } from 'pg';
import { umbrellaActor } from '../../../machines/shared/actorId.ts';
import type { DmRequest } from '../../../machines/shared/protocol.ts';
import { type AuditEntry, appendAudit } from '../../audit/auditLog.ts';
import { rowsFromJson } from '../../db/jsonRows.ts';
import { transaction } from '../../db/pool.ts';
import { storableJson } from '../../db/storable.ts';
import { composeDm } from '../../notify/composeDm.ts';
import { FIRST } from '../../notify/dmStore.ts';
import { composeTicket } from '../../tickets/composeTicket.ts';
import type { Filing, FilingStore } from '../../tickets/filingStore.ts';
import { type StormLimits, stormOrder, takeStormSlots } from '../stormSlots.ts';

/** What shadow mode composes: the tables `shadow_tickets` and `shadow_messages`. */
export interface ShadowStore {
  /** One row an episode; a later ticket of the same episode takes its place. Audited once. */
  recordTickets(filings: readonly Filing[]): Promise<void>;
  recordMessages(requests: readonly DmRequest[]): Promise<void>;
  /** Those of these threads whose first message was composed only, and which have none that was sent. */
  openedThreads(threads: readonly string[]): Promise<ReadonlySet<string>>;
}

interface ShadowTicket {
  id: string;
  source: string;
  surface_id: string | null;
  alert_key: string | null;
  severity: string | null;
  subject: string;
  html: string;
}

/** The others go to other people than the alert itself. */
const TELLING = FIRST.filter((kind) => kind !== 'unassigned');

export function createShadowStore(deps: {
  pool: Pool;
  consoleUrl: string;
  lastCheck: FilingStore['lastCheck'];
  stormLimits: (source: string) => Promise<StormLimits>;
}): ShadowStore {
  const { pool, consoleUrl, lastCheck, stormLimits } = deps;
  return {
    async recordTickets(filings) {
      const composed = await composeAll(filings);
      if (composed.length === 0) return;
      await transaction(pool, async (client) => {
        const { rows } = await client.query<{ id: string; is_new: boolean }>(RECORD_TICKETS, [storableJson(composed)]);
        const added = new Set(rows.flatMap(({ id, is_new }) => (is_new ? [id] : [])));
        await appendAudit(client, composed.filter(({ id }) => added.has(id)).map(auditOf));
      });
      const alerts = composed.filter(({ alert_key }) => alert_key !== null);
      for (const source of new Set(alerts.map((ticket) => ticket.source))) {
        const ids = alerts.flatMap((ticket) => (ticket.source === source ? [ticket.id] : []));
        // The limit over all sources is for tickets that are posted.
        const storm = { ...(await stormLimits(source)), maxTicketsTotal: 0 };
        await takeStormSlots(pool, storm, { table: 'shadow_tickets', source, ids });
      }
    },
    async recordMessages(requests) {
      if (requests.length === 0) return;
      const messages = requests.map((request) => ({
        ...{ id: request.id, thread: request.thread, kind: request.kind, source: request.source },
        surface_id: request.body.surfaceId ?? null,
        message: composeDm(request, consoleUrl),
      }));
      await pool.query(RECORD_MESSAGES, [storableJson(messages)]);
    },
    async openedThreads(threads) {
      if (threads.length === 0) return new Set();
      const { rows } = await pool.query<{ thread: string }>(
        `select distinct thread from shadow_messages s where thread = any($1) and kind = any($2) and not exists (
           select from direct_messages d where d.thread = s.thread and d.kind = any($2) and d.phase = 'sent')`,
        [threads, TELLING],
      );
      return new Set(rows.map(({ thread }) => thread));
    },
  };

  /** The last one of each episode. Clicks are never in shadow mode. */
  async function composeAll(filings: readonly Filing[]): Promise<ShadowTicket[]> {
    const checks = memoize(lastCheck);
    const tickets = new Map<string, ShadowTicket>();
    for (const filing of filings.toSorted((a, b) => stormOrder(placeOf(a), placeOf(b)))) {
      const { request } = filing;
      if (request.path === 'investigate') continue;
      const { source } = request;
      const { alertKey = null, surfaceId = null, severity = null } = request.path === 'alert' ? request : {};
      const check = surfaceId === null ? null : await checks(surfaceId);
      const { subject, html } = composeTicket(filing, { consoleUrl, earlier: null, lastCheck: check });
      const id = `${alertKey ?? umbrellaActor(source)} ${request.since}`;
      tickets.set(id, { id, source, surface_id: surfaceId, alert_key: alertKey, severity, subject, html });
    }
    return [...tickets.values()];
  }
}

const placeOf = ({ id, request }: Filing) => ({
  id,
  severity: 'severity' in request ? request.severity : '',
  since: request.since,
});

/** Reads each surface once. */
function memoize<T>(read: (id: string) => Promise<T>): (id: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (id) => {
    const found = known.get(id) ?? read(id);
    known.set(id, found);
    return found;
  };
}

const auditOf = ({ alert_key, severity, source, subject }: ShadowTicket): AuditEntry => ({
  action: 'console.alerts.shadow_ticket_composed',
  payload: { ...(alert_key === null ? {} : { alert_key, severity }), source, subject },
  actor: source,
});

/** In the order of ids, so that two processes do not wait for each other. */
const RECORD_TICKETS = `
  insert into shadow_tickets (id, source, surface_id, alert_key, severity, subject, html)
  select id, source, surface_id, alert_key, severity, subject, html
  from ${rowsFromJson('id text, source text, surface_id text, alert_key text, severity text, subject text, html text')}
  order by id
  on conflict (id) do update set severity = excluded.severity, subject = excluded.subject, html = excluded.html
  returning id, xmax = 0 as is_new`;

const RECORD_MESSAGES = `
  insert into shadow_messages (id, thread, kind, source, surface_id, message)
  select id, thread, kind, source, surface_id, message
  from ${rowsFromJson('id text, thread text, kind text, source text, surface_id text, message jsonb')}
  order by id on conflict (id) do nothing`;
