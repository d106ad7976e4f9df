import type { Pool } from 'pg';
import { transaction } from '../db/pool.ts';
import { appendAudit } from './auditLog.ts';
import { storeAuditRetention } from './rights.ts';

/**
 * Drops the monthly partitions of the audit log in which every row is older than so many days, and returns their names; 0
 * keeps all. A month with a day that is not sealed stays, and so do rows outside the monthly partitions. If the tables
 * belong to another role, nothing is dropped that is younger than what that role wants.
 */
export async function dropOldAuditPartitions(pool: Pool, days: number): Promise<string[]> {
  if (days <= 0) return [];
  await storeAuditRetention(pool, days);
  const dropped: string[] = [];
  for (let name = await dropOne(pool, days); name !== null; name = await dropOne(pool, days)) dropped.push(name);
  return dropped;
}

const dropOne = (pool: Pool, days: number): Promise<string | null> =>
  transaction(pool, async (client) => {
    const { rows } = await client.query<{ name: string | null }>('select audit_log_drop_month($1) as name', [days]);
    const name = rows[0]?.name ?? null;
    if (name === null) return null;
    const month = name.slice(-7).replace('_', '-');
    await appendAudit(client, [{ action: 'console.audit.month_deleted', payload: { month }, actor: 'console' }]);
    return name;
  });
