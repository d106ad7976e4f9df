import type { ClientBase, Pool } from 'pg';
import { memoizeFor } from '../lib/memoizeFor.ts';
import type { EscalationRule, NotificationRules, NotifyRule } from '../surfaces/fileNotify.ts';

/** The rules of the surfaces file that is in force; may be two seconds old. */
export type ReadNotificationRules = () => Promise<NotificationRules>;

const FRESH_MS = 2_000;

export const createNotificationRules = (pool: Pick<Pool, 'query'>): ReadNotificationRules =>
  memoizeFor(FRESH_MS, () => readRules(pool));

type Row = { kind: 'notify'; config: NotifyRule } | { kind: 'escalation'; config: EscalationRule };

async function readRules(pool: Pick<Pool, 'query'>): Promise<NotificationRules> {
  const { rows } = await pool.query<Row>('select kind, config from notification_rules order by kind, position');
  return {
    notify: rows.flatMap((row) => (row.kind === 'notify' ? [row.config] : [])),
    escalation: rows.flatMap((row) => (row.kind === 'escalation' ? [row.config] : [])),
  };
}

/** Stores the rules of the file in place of those of the file before. */
export async function syncNotificationRules(
  db: Pick<ClientBase, 'query'>,
  { notify, escalation }: NotificationRules,
): Promise<void> {
  await db.query('delete from notification_rules');
  await db.query(
    `insert into notification_rules (kind, position, config)
     select kind, position, config
     from (values ('notify', $1::jsonb), ('escalation', $2::jsonb)) as part (kind, rules)
     cross join jsonb_array_elements(rules) with ordinality as rule (config, position)`,
    [JSON.stringify(notify), JSON.stringify(escalation)],
  );
}
