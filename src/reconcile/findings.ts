import type { ClientBase, Pool } from 'pg';
import { appendAudit } from '../audit/auditLog.ts';
import { transaction } from '../db/pool.ts';
import { auditRow, type Outcome } from './outcomes.ts';

/** Findings that cannot be repaired at once, or must be remembered. */
export type Kind =
  /** Two tickets for one filing, or for one key. */
  | 'twin'
  | 'parked'
  /** Tags were missing; settled once they were restored. */
  | 'untagged'
  /** Tags were restored and removed again. */
  | 'left_untagged';

export interface Finding {
  kind: Kind;
  /** The ticket or actor; each has at most one finding of a kind. */
  subject: string;
  details: Record<string, unknown>;
}

/** Stores a finding, and audits it if it is new. Returns whether it was new. */
export function reportOnce(pool: Pool, finding: Finding, what: Outcome): Promise<boolean> {
  return transaction(pool, async (client) => {
    if (!(await remember(client, finding))) return false;
    await appendAudit(client, [auditRow(what, finding.details)]);
    return true;
  });
}

/** Stores a finding and returns whether it is new. A settled one that is found again is open again. */
export async function remember(
  client: Pick<ClientBase, 'query'>,
  { kind, subject, details }: Finding,
): Promise<boolean> {
  const { rows } = await client.query<{ is_new: boolean }>(
    `insert into reconcile_findings (kind, subject, details) values ($1, $2, $3)
     on conflict (kind, subject) do update set looked_at = now(), settled_at = null
     returning xmax = 0 as is_new`,
    [kind, subject, JSON.stringify(details)],
  );
  return rows[0]?.is_new ?? false;
}

export async function settle(client: Pick<ClientBase, 'query'>, kind: Kind, subjects: string[]): Promise<void> {
  if (subjects.length === 0) return;
  await client.query(
    `update reconcile_findings set settled_at = now(), looked_at = now()
     where kind = $1 and subject = any($2) and settled_at is null`,
    [kind, subjects],
  );
}

export async function forget(client: Pick<ClientBase, 'query'>, kind: Kind, subject: string): Promise<void> {
  await client.query('delete from reconcile_findings where kind = $1 and subject = $2', [kind, subject]);
}
