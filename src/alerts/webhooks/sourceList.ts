import type { Pool } from 'pg';
import { ageSeconds } from '../../db/age.ts';
import type { SourceRow } from '../../model/senders.ts';
import { senderNamed } from '../senders/registry.ts';

/** Every source of which something is known, with what its requests did lately. */
export async function listSources(
  pool: Pick<Pool, 'query'>,
  { publicUrl, tokenSources }: { publicUrl: string; tokenSources: readonly string[] },
): Promise<SourceRow[]> {
  const { rows } = await pool.query<Stored>(SOURCES, [tokenSources]);
  return rows.map((row): SourceRow => {
    const sender = senderNamed(row.sender ?? '');
    const url = sender ? `${publicUrl}/api/webhooks/${sender.name}/${row.id}` : null;
    return {
      ...row,
      sender: sender?.name ?? null,
      sender_title: sender?.title ?? null,
      last_request_at: row.last_request_at?.toISOString() ?? null,
      last_alert_at: row.last_alert_at?.toISOString() ?? null,
      refused_requests: row.refused_requests.map((each) => ({
        ...each,
        last_at: new Date(each.last_at).toISOString(),
      })),
      url,
      block: sender && url ? sender.block({ url, source: row.id }) : null,
      can_test: sender !== undefined && sender.sample('firing', '') !== null,
    };
  });
}

interface Stored
  extends Omit<SourceRow, 'last_request_at' | 'last_alert_at' | 'sender_title' | 'url' | 'block' | 'can_test'> {
  last_request_at: Date | null;
  last_alert_at: Date | null;
}

const SOURCES = `
  select known.id, coalesce(s.config->>'kind', w.sender) as sender, s.id is not null as declared,
    coalesce(s.config->'shadow' = 'true', false) as shadow,
    (select max(received_at) from webhook_requests r where r.source = known.id) as last_request_at,
    seen.last_alert_at, coalesce(seen.seen_last_hour, 0) as seen_last_hour, refused.refused_requests, hour.*, day.*, waits.*,
    (select count(*)::int from webhook_requests r where r.source = known.id and r.status = 'dead') as not_understood
  from (select id from alert_sources union select source from webhook_sources union select unnest($1::text[])) known
  left join alert_sources s on s.id = known.id
  left join webhook_sources w on w.source = known.id
  left join (
    select split_part(alert_key, ':', 1) as source, max(last_seen_at) as last_alert_at,
      count(*) filter (where last_seen_at > now() - interval '1 hour')::int as seen_last_hour
    from alert_sightings group by 1
  ) seen on seen.source = known.id
  cross join lateral (
    select count(*)::int as requests_last_hour, coalesce(sum(alerts), 0)::int as alerts_last_hour,
      coalesce(sum(rejected), 0)::int as refused_last_hour
    from webhook_requests r where r.source = known.id and r.received_at > now() - interval '1 hour'
  ) hour
  cross join lateral (
    select coalesce(jsonb_agg(to_jsonb(by_kind) order by times desc, reason), '[]') as refused_requests
    from (
      select kind as reason, sum(times)::bigint as times, max(last_at) as last_at
      from refusal_sources r where r.source = known.id and r.hour > now() - interval '24 hours' group by 1
    ) by_kind
  ) refused
  cross join lateral (
    select coalesce(sum(left_out), 0)::int as left_out_last_day
    from webhook_requests r where r.source = known.id and r.received_at > now() - interval '1 day' and left_out > 0
  ) day
  cross join lateral (
    select count(*)::int as waiting, coalesce(${ageSeconds('min(received_at)')}, 0)::int as lag_seconds
    from webhook_requests r where r.source = known.id and r.status = 'waiting'
  ) waits
  order by known.id`;
