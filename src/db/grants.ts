import pg, { type ClientBase } from 'pg';

interface Roles {
  /** Runs the program. */
  app: string;
  /** Reads lists and searches; null if the program does that itself. */
  reader: string | null;
}

/** Two release steps at once would change the same rows of the catalogue. */
const SCHEMA_LOCK = 'auto_ticketing grants';
/** Everybody who needs a table waits behind a statement that waits for its lock. */
const LOCK_MS = 1_000;

/**
 * Gives the roles of the program their rights on the tables of the role that runs this. They may read and write all of
 * them, and own none; of the audit log they may only add rows, with the time of the database. Can be repeated at any time.
 */
export async function grantRights(client: ClientBase, { app, reader }: Roles): Promise<void> {
  await client.query('begin');
  try {
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [SCHEMA_LOCK]);
    await client.query(`set local lock_timeout = ${LOCK_MS}`);
    const roles = reader === null ? [app] : [app, reader];
    for (const statement of await statementsFor(client, { app, reader, all: roles.map(quoted).join(', ') })) {
      await client.query(statement);
    }
    for (const role of roles) await admitToJobs(client, role, role === app ? 'all' : 'select');
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

const quoted = (name: string): string => pg.escapeIdentifier(name);

async function statementsFor(client: ClientBase, { app, reader, all }: Roles & { all: string }): Promise<string[]> {
  const { rows } = await client.query<{ name: string; is_log: boolean }>(OWN_TABLES);
  const tables = (isLog: boolean) =>
    rows.flatMap(({ name, is_log }) => (is_log === isLog ? [`public.${quoted(name)}`] : [])).join(', ');
  const writer = quoted(app);
  return [
    `grant usage on schema public, graphile_worker to ${all}`,
    `grant select on all tables in schema graphile_worker to ${all}`,
    `grant insert, update, delete on all tables in schema graphile_worker to ${writer}`,
    `grant select on ${tables(false)} to ${all}`,
    `grant insert, update, delete on ${tables(false)} to ${writer}`,
    ...(reader === null
      ? []
      : [`revoke insert, update, delete, truncate, trigger on ${tables(false)} from ${quoted(reader)}`]),
    `revoke all on ${tables(true)} from public, ${all}`,
    `grant select on audit_log, audit_digests, audit_retention, schema_migrations to ${all}`,
    `grant insert (action, payload, actor, issuer, subject) on audit_log to ${writer}`,
    `grant insert (day, row_count, rows_hash, digest, signature, key) on audit_digests to ${writer}`,
    `grant execute on function audit_log_prepare(integer), audit_log_drop_month(integer) to ${writer}`,
    ...((await ownsSchema(client)) ? [`revoke create on schema public from public, ${all}`] : []),
  ];
}

/** Those of this role; the log with its partitions and digests, and the list of migrations, apart from the others. */
const OWN_TABLES = `
  select relname as name, relname ~ '^audit_(log|digests|retention)' or relname = 'schema_migrations' as is_log
  from pg_class
  where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v') and pg_has_role(relowner, 'USAGE')
  order by relname`;

async function ownsSchema(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ owns: boolean }>(
    "select pg_has_role(nspowner, 'USAGE') as owns from pg_namespace where nspname = 'public'",
  );
  return rows[0]?.owns ?? false;
}

/** graphile-worker switches on row level security, so that other roles see no job without a policy. */
async function admitToJobs(client: ClientBase, role: string, command: 'all' | 'select'): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select c.relname as name from pg_class c
     where c.relnamespace = 'graphile_worker'::regnamespace and c.relrowsecurity and not exists (
       select from pg_policies p
       where p.schemaname = 'graphile_worker' and p.tablename = c.relname and p.policyname = $1 and p.roles = array[$2]::name[])`,
    [policyOf(command), role],
  );
  for (const { name } of rows) {
    const table = `graphile_worker.${quoted(name)}`;
    await client.query(`drop policy if exists ${policyOf(command)} on ${table}`);
    await client.query(`create policy ${policyOf(command)} on ${table} for ${command} to ${quoted(role)} using (true)`);
  }
}

const policyOf = (command: 'all' | 'select'): string => `auto_ticketing_${command}`;
