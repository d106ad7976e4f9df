import type { Pool } from 'pg';
import { createDelivery } from '../../src/actors/deliver.ts';
import { actionWriters } from '../../src/app/actionWriters.ts';
import { startApp } from '../../src/app/app.ts';
import { registry } from '../../src/app/machineRegistry.ts';
import { type Config, readConfig } from '../../src/config/config.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog, type Log } from '../../src/log/log.ts';
import { parseSurfaces } from '../../src/surfaces/surfacesFile.ts';
import { syncSurfaces } from '../../src/surfaces/sync.ts';
import type { Known } from './requests.ts';

/** A web process of the program, inside this process, with a rogue server in place of FreeScout and Slack. */
export interface Environment {
  url: string;
  config: Config;
  pool: Pool;
  log: Log;
  known: Known;
  /** Log lines at ERROR. */
  errors: string[];
  /** A value that changes with each write transaction. */
  writes(): Promise<string>;
  /** The sizes and contents of the tables, as far as requests can change them. */
  rows(): Promise<string>;
  stop(): Promise<void>;
}

const TOKENS = {
  viewer: 'viewer-token-0123456789',
  operator: 'operator-token-012345678',
  admin: 'admin-token-0123456789',
  fuzz: 'ingest-token-0123456789',
};

/** `sources`: more sources of alerts, with their tokens. */
export async function startEnvironment(
  databaseUrl: string,
  rogueUrl: string,
  sources: ReadonlyMap<string, string> = new Map(),
): Promise<Environment> {
  const errors: string[] = [];
  const log = createLog({
    level: 'error',
    destination: { write: (line: string) => void (errors.length < 50 && errors.push(line)) },
  });
  const config = readConfig({
    PORT: '0',
    DATABASE_URL: databaseUrl,
    DATABASE_POOL_SIZE: '48',
    FREESCOUT_BASE_URL: `${rogueUrl}/napp`,
    FREESCOUT_API_KEY: 'fuzz-key-0000000000000000',
    FREESCOUT_OPERATIONS_MAILBOX_ID: '2',
    FREESCOUT_SUPPORT_MAILBOX_ID: '1',
    FREESCOUT_TIMEOUT_MS: '250',
    FREESCOUT_IN_DOUBT_SECONDS: '6',
    FREESCOUT_WEBHOOK_SECRET: 'fuzz-secret',
    SLACK_BOT_TOKEN: 'xoxb-fuzz',
    SLACK_DM_USER_ID: 'U1',
    SLACK_API_URL: `${rogueUrl}/napp/api/`,
    SURFACES_FILE: '/dev/null',
    SOURCE_REQUESTS_PER_MINUTE: '0',
    INGEST_TOKENS: [['fuzz', TOKENS.fuzz], ...sources].map((each) => each.join(':')).join(','),
    CONSOLE_API_TOKENS: `v:viewer:${TOKENS.viewer},o:operator:${TOKENS.operator},a:admin:${TOKENS.admin}`,
  });
  const app = await startApp({ config, role: 'web', log });
  if (app.url === null) throw new Error('the console has no address');
  const pool = createPool(databaseUrl, 2, log);
  await addData(pool, log);
  return {
    url: app.url,
    config,
    pool,
    log,
    errors,
    known: { tokens: Object.values(TOKENS), ids: IDS },
    writes: async () =>
      (await pool.query<{ x: string }>('select pg_snapshot_xmax(pg_current_snapshot())::text as x')).rows[0]?.x ?? '',
    rows: async () => JSON.stringify((await pool.query(ROWS)).rows[0]),
    async stop() {
      await pool.end();
      await app.stop();
    },
  };
}

const DEAD_LETTERS = 20;
const IDS = [
  'api-prod',
  'payments',
  'nope',
  'FLAG_CONSOLE_ALERTS_AUTO_TICKET',
  'FLAG_CONSOLE_INVESTIGATE_FROM_STATUS',
  'ada',
  'surface:api-prod',
  'alert:fuzz:aaaaaaaaaaaaaaaa',
  'helpdesk',
  ...Array.from({ length: DEAD_LETTERS }, (_, n) => `letter:${n}`),
];

/** Adds surfaces, a customer and dead letters, so that requests find something. */
async function addData(pool: Pool, log: Log): Promise<void> {
  const surfaces = ['api-prod', 'payments'].map((id) => ({ id, name: id, url: 'http://127.0.0.1:9/' }));
  await syncSurfaces(pool, parseSurfaces(JSON.stringify({ surfaces }), 'fuzz'));
  const { deliver } = createDelivery({
    pool,
    registry,
    log,
    writers: actionWriters,
    router: async () => (say) => (say.name === 'emitAlert' ? [] : null),
  });
  const policy = { failuresToOpen: 1, successesToClose: 1, severity: { degraded: null, down: null } };
  const event = { type: 'CHECKED', outcome: 'up', error: null, name: 'API', ...policy };
  await deliver(surfaces.map(({ id }) => ({ to: `surface:${id}`, event })));
  await pool.query(
    "insert into customers (id, email, name) values ('ada', 'ada@customer.example', 'Ada') on conflict do nothing",
  );
  await pool.query(
    `insert into effects (id, actor_id, child_id, src, input, status, attempts, error, finished_at)
     select 'letter:' || n, 'alert:fuzz:gone', 'dm', 'sendDm', $1, 'dead', 3, '{"message":"no","code":"invalid_auth"}', now()
     from generate_series(0, ${DEAD_LETTERS - 1}) n`,
    [
      {
        id: 'dm:1',
        thread: 't',
        kind: 'opened',
        source: 'fuzz',
        body: { title: 'Trouble', severity: 'P1', details: null },
      },
    ],
  );
}

const ROWS = `
  select (select count(*) from actors) as actors, (select sum(rev) from actors) as revisions,
    (select count(*) from actor_history) as history, (select count(*) from effects) as effects,
    (select count(*) from effects where status = 'dead') as dead, (select count(*) from effects where edited is not null) as edited,
    (select count(*) from timers) as timers, (select count(*) from filings) as filings,
    (select count(*) from audit_log) as audit, (select count(*) from direct_messages) as messages,
    (select count(*) from answers) as answers, (select count(*) from customers) as customers,
    (select count(*) from held_events) as held, (select string_agg(name || enabled || changed_at, ',' order by name) from flags) as flags,
    (select count(*) from graphile_worker._private_jobs) as jobs, (select count(*) from alert_sightings) as sightings`;
