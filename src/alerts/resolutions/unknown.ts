import type { ClientBase, Pool } from 'pg';
import { transaction } from '../../db/pool.ts';
import { findGuesses, type UnknownResolution } from './guesses.ts';

type Audit = (
  client: Pick<ClientBase, 'query'>,
  rows: { action: string; payload: Record<string, unknown>; actor: string }[],
) => Promise<void>;

/** Audits resolutions of ids that are not active, once per alert key and hour, with what they may have meant. */
export async function auditUnknown(
  pool: Pool,
  audit: Audit,
  source: string,
  unknown: readonly UnknownResolution[],
): Promise<void> {
  const byKey = new Map(unknown.map((each) => [each.alert_key, each]));
  if (byKey.size === 0) return;
  await transaction(pool, async (client) => {
    const { rows } = await client.query<{ alert_key: string }>(TAKE_DUE, [[...byKey.keys()]]);
    const due = rows.flatMap(({ alert_key }) => byKey.get(alert_key) ?? []);
    if (due.length === 0) return;
    const guesses = await findGuesses(client, source, due);
    await audit(
      client,
      due.map(({ alert_key, alert_id }) => ({
        action: 'console.alerts.unknown_resolution',
        payload: { alert_key, alert_id, may_have_meant: guesses.get(alert_key) ?? [] },
        actor: source,
      })),
    );
  });
}

const TAKE_DUE = `
  insert into unknown_resolutions as u (alert_key, audited_at)
  select key, clock_timestamp() from unnest($1::text[]) as key order by key
  on conflict (alert_key) do update set audited_at = excluded.audited_at
    where u.audited_at < clock_timestamp() - interval '1 hour'
  returning alert_key`;
