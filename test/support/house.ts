import type { Pool } from 'pg';
import { createRegistry } from '../../src/actors/registry.ts';
import type { Deliver } from '../../src/actors/deliver.ts';
import { appendAudit } from '../../src/audit/log.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { startListener } from '../../src/db/listen.ts';
import { createPool } from '../../src/db/pool.ts';
import { createFlags } from '../../src/flags/flags.ts';
import { createLog } from '../../src/log.ts';
import { machines } from '../../src/machines.ts';
import { createMetrics } from '../../src/metrics.ts';
import { createSlack } from '../../src/notify/slack.ts';
import { createPipeline } from '../../src/pipeline.ts';
import { type SandboxFreeScout, startSandboxFreeScout } from '../../src/sandbox/freescout/start.ts';
import { startSandboxSlack } from '../../src/sandbox/slack.ts';
import { createInvestigate } from '../../src/surfaces/investigate.ts';
import { parseSurfaces } from '../../src/surfaces/file.ts';
import { syncSurfaces } from '../../src/surfaces/sync.ts';
import { createFreeScout } from '../../src/tickets/freescout.ts';
import { createTestDatabase } from './db.ts';

/**
 * The real pipeline on a real database, with the sandbox help desk and the sandbox Slack on loopback.
 * `process()` starts one more process's worth of it on the same database; `restart()` stops one and starts another.
 */
export async function openHouse(env: Record<string, string> = {}) {
  const database = await createTestDatabase();
  const desk = await startSandboxFreeScout({ apiKey: 'test-key-000000000000000000000000' });
  const slack = await startSandboxSlack({ token: 'xoxb-test', userId: 'U1' });
  const lines: Record<string, unknown>[] = [];
  const config = readConfig({
    PUBLIC_URL: 'http://127.0.0.1:3000',
    FREESCOUT_BASE_URL: desk.url,
    FREESCOUT_API_KEY: desk.apiKey,
    FREESCOUT_OPERATIONS_MAILBOX_ID: String(desk.operationsMailboxId),
    FREESCOUT_SUPPORT_MAILBOX_ID: String(desk.supportMailboxId),
    FREESCOUT_TIMEOUT_MS: '2000',
    FREESCOUT_IN_DOUBT_SECONDS: '3',
    SLACK_BOT_TOKEN: slack.token,
    SLACK_DM_USER_ID: slack.userId,
    SLACK_API_URL: slack.apiUrl,
    ...env,
  });
  const running: { stop(): Promise<void> }[] = [];

  function process(overrides: Partial<Config> = {}) {
    const mine = startProcess({ ...config, ...overrides }, database.url, lines);
    running.push(mine);
    return mine;
  }

  return {
    config,
    pool: database.pool,
    url: database.url,
    desk,
    slack,
    lines,
    process,
    async surfaces(...given: Record<string, unknown>[]): Promise<void> {
      const surfaces = given.map((each) => ({ name: String(each['id']), url: 'http://127.0.0.1:9/', ...each }));
      await syncSurfaces(database.pool, parseSurfaces(JSON.stringify({ surfaces }), 'test'));
    },
    tickets: () => operations(desk),
    audit: async (action: string) =>
      (await database.pool.query<{ payload: Record<string, unknown>; actor: string }>(
        'select payload, actor from audit_log where action = $1 order by id',
        [action],
      )).rows,
    openings: () => slack.state.messages.filter((message) => !message.thread_ts),
    async close(): Promise<void> {
      await Promise.all(running.map((each) => each.stop()));
      await Promise.all([desk.stop(), slack.stop()]);
      await database.drop();
    },
  };
}

function startProcess(config: Config, url: string, lines: Record<string, unknown>[]) {
  const log = createLog({ level: 'info', destination: { write: (line: string) => void lines.push(JSON.parse(line)) } });
  const pool = createPool(url, 12, log);
  const metrics = createMetrics(pool);
  const flags = createFlags(pool, config.flags, { audit: appendAudit });
  const desk = createFreeScout(config.freescout, { log });
  const registry = createRegistry(machines);
  const pipeline = createPipeline({
    pool, databaseUrl: url, config, registry, desk, messenger: createSlack(config.slack, { log }), flags, log, metrics,
  });
  const listener = startListener(url, ['console', 'answers'], log);
  pipeline.host.start('all');
  let stopped = false;
  return {
    ...pipeline,
    deliver: pipeline.host.deliver,
    flags,
    pool,
    helpDesk: desk,
    investigate: createInvestigate({
      pool,
      deliver: pipeline.host.deliver,
      listener,
      isEnabled: () => flags.isOn('FLAG_CONSOLE_INVESTIGATE_FROM_STATUS'),
      statusOf: (id) => statusOf(pool, id),
    }),
    /** Reports check results as the poller does. */
    check: (id: string, ...outcomes: ('up' | 'slow' | 'down')[]) => check(pipeline.host.deliver, id, outcomes),
    async stop(): Promise<void> {
      if (stopped) return;
      stopped = true;
      await pipeline.host.stop(100);
      await listener.stop();
      await pool.end();
    },
  };
}

async function statusOf(pool: Pool, id: string): Promise<string | null> {
  const { rows } = await pool.query<{ status: string }>("select snapshot->'context'->>'status' as status from actors where id = $1", [
    `surface:${id}`,
  ]);
  return rows[0]?.status ?? null;
}

async function check(deliver: Deliver, id: string, outcomes: string[]) {
  for (const outcome of outcomes) {
    const error = outcome === 'up' ? null : 'HTTP 500';
    const policy = { failuresToOpen: 1, successesToClose: 1, severity: { degraded: 'P3', down: 'P1' } };
    await deliver([{ to: `surface:${id}`, event: { type: 'CHECKED', outcome, error, name: `Surface ${id}`, ...policy } }]);
  }
}

const operations = (desk: SandboxFreeScout) =>
  desk.state.tickets.filter(({ mailboxId, subject }) => mailboxId === desk.operationsMailboxId && subject.startsWith('[AT-'));
