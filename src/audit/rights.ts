import type { ClientBase } from 'pg';

type Queries = Pick<ClientBase, 'query'>;

/**
 * Stores for how many days the audit log is kept at least, which only the owner of the tables may do; for another role it
 * does nothing.
 */
export async function storeAuditRetention(client: Queries, days: number): Promise<void> {
  const { rows } = await client.query<{ may: boolean }>(
    "select has_table_privilege('audit_retention', 'UPDATE') as may",
  );
  if (rows[0]?.may) await client.query('update audit_retention set days = $1 where days <> $1', [days]);
}

export interface AuditRights {
  role: string;
  /** What the role could do to the audit log beside adding rows, as phrases that follow "it"; empty for none of it. */
  excess: string[];
  /** For how many days the owner wants the log to be kept; 0: for ever. */
  keptDays: number;
}

/** What the role of this connection could do to the audit log. */
export async function auditRights(client: Queries): Promise<AuditRights> {
  const { rows } = await client.query<AuditRights & { is_superuser: boolean }>(RIGHTS);
  const { role, excess, keptDays, is_superuser } = rows[0] ?? {
    role: '',
    excess: [],
    keptDays: 0,
    is_superuser: false,
  };
  // A superuser may do everything else too.
  return { role, excess: is_superuser ? ['is a superuser'] : excess, keptDays };
}

const RIGHTS = `
  with log as materialized (
    select c.oid, c.relowner as owner from pg_class c
    where c.oid in ('audit_log'::regclass, 'audit_digests'::regclass, 'audit_retention'::regclass)
      or c.oid in (select inhrelid from pg_inherits where inhparent = 'audit_log'::regclass)
  ), me as (
    select rolname, rolsuper, rolcreaterole from pg_roles where rolname = current_user
  ), place as (
    select oid, nspowner as owner from pg_namespace where nspname = 'public'
  )
  select rolname::text as role, rolsuper as is_superuser, (select days from audit_retention) as "keptDays",
    array_remove(array[
      case when exists (select from log where pg_has_role(owner, 'MEMBER')) then 'owns its tables' end,
      case when (select pg_has_role(owner, 'MEMBER') from place) then 'owns the schema public' end,
      case when (select has_schema_privilege(oid, 'CREATE') from place) then 'can create objects in the schema public' end,
      case when exists (select from log where has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
          or has_any_column_privilege(oid, 'UPDATE'))
        then 'can change or delete rows' end,
      case when exists (select from log where oid not in ('audit_log'::regclass, 'audit_digests'::regclass)
          and has_any_column_privilege(oid, 'INSERT'))
          or has_column_privilege('audit_log', 'created_at', 'INSERT')
          or has_column_privilege('audit_log', 'id', 'INSERT')
          or has_column_privilege('audit_digests', 'sealed_at', 'INSERT')
        then 'can choose the time of a row' end,
      case when has_parameter_privilege('session_replication_role', 'SET') then 'can switch triggers off' end,
      case when rolcreaterole then 'can create roles' end,
      case when pg_has_role('pg_execute_server_program', 'MEMBER') or pg_has_role('pg_write_server_files', 'MEMBER')
        then 'can write files of the server' end
    ], null) as excess
  from me`;
