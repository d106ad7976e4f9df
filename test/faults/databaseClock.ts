import pg from 'pg';

/**
 * A clock of the database that can be set. The functions that read the clock are found here before those of the server,
 * so every statement, default and job of the program sees the step. Timeouts of the server itself do not.
 */
const CLOCK = `
  create function public.clock_step() returns interval language sql stable parallel safe as
    $$ select coalesce(nullif(current_setting('faults.clock_step', true), ''), '0')::interval $$;
  ${[
    ['now', 'stable'],
    ['transaction_timestamp', 'stable'],
    ['statement_timestamp', 'stable'],
    ['clock_timestamp', 'volatile'],
  ]
    .map(
      ([name, kind]) => `create function public.${name}() returns timestamptz language sql ${kind} parallel safe as
        $$ select pg_catalog.${name}() + coalesce(nullif(current_setting('faults.clock_step', true), ''), '0')::interval $$;`,
    )
    .join('\n')}`;

/** Installs the clock. Defaults of tables are bound to it only if they are created afterwards. */
export async function installClock(url: string): Promise<void> {
  const { pathname } = new URL(url);
  await execute(url, [CLOCK, `alter database ${pathname.slice(1)} set search_path = public, pg_catalog`]);
}

/** Lets the history of actors have the real instants, beside those of the clock that is set. */
export const recordRealInstants = (url: string): Promise<void> =>
  execute(url, [
    'alter table actor_history add column real_at timestamptz not null default pg_catalog.clock_timestamp()',
  ]);

/** Every session sees the new time at its next statement. */
export const setClock = (url: string, stepMs: number): Promise<void> =>
  execute(url, [`alter system set faults.clock_step = '${stepMs} milliseconds'`, 'select pg_reload_conf()']);

async function execute(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url, application_name: 'faults' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end().catch(() => undefined);
  }
}
