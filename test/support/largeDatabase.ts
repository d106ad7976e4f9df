import pg from 'pg';

/** How many rows each table has that is kept for long. */
export const MANY = 20_000;

/** Fills the tables that grow with the life of the program, as a system has them that has run for a long time. */
export async function fillDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('set synchronous_commit = off; set statement_timeout = 0');
    for (const statement of FILL) await client.query(statement.replaceAll('MANY', String(MANY)));
    // Autovacuum does the same, which also completes the indexes by time.
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}

const KEY = "'monitor:' || lpad(to_hex(n), 16, '0')";
/** Nothing is so old yet that it is deleted. */
const AT = "now() - n * interval '5 minutes'";
const THIS_WEEK = "now() - n * interval '20 seconds'";
const TODAY = "now() - n * interval '3 seconds'";

/** Resolved alerts with a ticket that is closed, their messages and notes, and what else was written for them. */
const FILL = [
  `insert into actors (id, kind, version, rev, state, snapshot, created_at, updated_at)
   select 'alert:' || ${KEY}, 'alert', 5, 3,
     '{"life": "resolved", "ticket": "none", "dm": "idle", "upkeep": "idle"}',
     jsonb_build_object('status', 'active', 'children', '{}'::jsonb,
       'value', '{"life": "resolved", "ticket": "none", "dm": "idle", "upkeep": "idle"}'::jsonb,
       'context', jsonb_build_object('alertKey', ${KEY}, 'source', 'monitor', 'episode', 1, 'active', false,
         'severity', 'P1', 'title', 'Disk ' || n || ' is full', 'surfaceId', 'surface-' || n % 500, 'said', 2,
         'filings', 1, 'ids', '[]'::jsonb, 'chores', '[]'::jsonb, 'dms', '[]'::jsonb, 'filing', null,
         'ticket', jsonb_build_object('id', n + 1000000, 'url', 'https://desk.example/conversation/' || n))),
     ${AT}, ${AT} from generate_series(1, MANY) n`,
  `insert into actor_history (actor_id, rev, event_id, event, from_state, to_state, at)
   select 'alert:' || ${KEY}, rev, rev || ' ' || n, '{"type": "EMITTED"}', '{"life": "quiet"}', '{"life": "firing"}', ${AT}
   from generate_series(1, MANY) n, generate_series(1, 2) rev`,
  `insert into effects (id, actor_id, child_id, src, input, status, attempts, created_at, finished_at)
   select 'alert:' || ${KEY} || ':1:file', 'alert:' || ${KEY}, 'file', 'fileTicket', '{}', 'done', 1, ${AT}, ${AT}
   from generate_series(1, MANY) n`,
  `insert into filings (id, marker, path, actor_id, subject_key, source, request, phase, admitted_at, attempts, attempted_at,
     created_at, ticket_id, ticket_url, filed_at, ticket_status, checked_at, ticket_tags)
   select 'alert:' || ${KEY} || ':1', 'AT-' || n, case when n % 3 = 0 then 'investigate' else 'alert' end, 'alert:' || ${KEY},
     'alert:' || ${KEY} || ':1', 'monitor', jsonb_build_object('surfaceId', 'surface-' || n % 500, 'status', 'DOWN'),
     'tagged', ${AT}, 1, ${AT}, ${AT}, n + 1000000, 'https://desk.example/conversation/' || n, ${AT}, 'closed', ${AT},
     '["auto:alert", "auto:alert:monitor"]' from generate_series(1, MANY) n`,
  `insert into direct_messages (id, thread, kind, source, body, phase, admitted_at, attempts, attempted_at, channel, ts, sent_at,
     created_at)
   select 'dm:' || ${KEY} || ':1', 'alert:' || ${KEY} || ':1', 'opened', 'monitor', '{}', 'sent', ${AT}, 1, ${AT}, 'D1', n::text,
     ${AT}, ${AT} from generate_series(1, MANY) n`,
  `insert into ticket_notes (id, ticket_id, phase, attempts, created_at, attempted_at, written_at)
   select 'note:' || ${KEY} || ':2', n, 'written', 1, ${AT}, ${AT}, ${AT} from generate_series(1, MANY) n`,
  `insert into shadow_tickets (id, source, alert_key, severity, subject, html, composed_at, admitted_at)
   select ${KEY}, 'monitor', ${KEY}, 'P1', 'Disk', '<p>Disk</p>', ${AT}, ${AT} from generate_series(1, MANY) n`,
  `insert into shadow_messages (id, thread, kind, source, message, composed_at)
   select 'dm:' || ${KEY}, 'alert:' || ${KEY}, 'opened', 'monitor', '{"headline": "Disk"}', ${AT}
   from generate_series(1, MANY) n`,
  `insert into silences (matchers, reason, created_by, until, ends_at, applied_at)
   select '{"source": "other"}', 'disks', 'mia', ${AT}, ${AT}, ${AT} from generate_series(1, MANY) n`,
  `insert into held_alerts (alert_key, episode, source, severity, title, surface_id, since, reason, held_at, over, over_at)
   select ${KEY}, 1, 'monitor', 'P1', 'Disk', 'surface-' || n % 500, ${AT}, 'flag_off', ${AT}, 'released', ${AT}
   from generate_series(1, MANY) n`,
  `insert into umbrella_members (filing_id, alert_key, episode, surface_id, joined_at)
   select 'umbrella:monitor:' || n % 1000, ${KEY}, 2, 'surface-' || n % 500, ${AT} from generate_series(1, MANY) n`,
  `insert into alert_sightings (alert_key, last_seen_at) select ${KEY}, ${AT} from generate_series(1, MANY) n`,
  `insert into alert_identities (alert_key, alert_id, alike, text, first_seen_at, repeated)
   select ${KEY}, n::text, md5((n % 50000)::text), n::text, ${AT}, true from generate_series(1, MANY) n`,
  `insert into alert_resolutions (alert_key, alert_id, received_at, was_active)
   select ${KEY}, n::text, ${TODAY}, true from generate_series(1, MANY) n`,
  `insert into unknown_resolutions (alert_key, audited_at) select ${KEY}, ${TODAY} from generate_series(1, MANY) n`,
  `insert into answers (click_id, body, at) select n::text, jsonb_build_object('message', repeat('x', 300)), ${AT} from generate_series(1, MANY) n`,
  `insert into checks (surface_id, at, outcome) select 'gone-' || n % 500, ${AT}, 'up' from generate_series(1, MANY) n`,
  `insert into webhook_requests (source, sender, received_at, method, body, bytes, status, finished_at)
   select 'monitor', 'generic', ${THIS_WEEK}, 'POST', '', 0, 'done', ${THIS_WEEK} from generate_series(1, MANY) n`,
  `insert into audit_log (created_at, action, payload, actor)
   select ${AT}, 'console.alerts.ticket_filed', jsonb_build_object('alert_key', ${KEY}, 'ticket_id', n), 'monitor'
   from generate_series(1, MANY) n`,
  `insert into reconcile_findings (kind, subject, details, found_at, looked_at, settled_at)
   select 'untagged', n::text, '{}', ${AT}, ${AT}, ${AT} from generate_series(1, MANY) n`,
  `insert into customers (id, email, name) select n::text, n || '@example.com', 'Customer ' || n from generate_series(1, MANY) n`,
];
