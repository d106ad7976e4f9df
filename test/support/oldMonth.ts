/** A month that ended 90 to 125 days ago. */
export function oldMonth(now = new Date()) {
  const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 4, 1));
  const next = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 3, 1));
  const lastDay = new Date(next.getTime() - 86_400_000).toISOString().slice(0, 10);
  const month = lastDay.slice(0, 7);
  const partition = `audit_log_${month.replace('-', '_')}`;
  return {
    month,
    lastDay,
    next: next.toISOString(),
    partition,
    /** SQL that creates its partition. */
    create: `create table ${partition} partition of audit_log for values from ('${first.toISOString()}') to ('${next.toISOString()}')`,
  };
}
