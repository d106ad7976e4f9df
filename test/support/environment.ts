import { LIVE_JOB } from '../../src/actors/enqueue.ts';
import type { MachineEntry } from '../../src/actors/registry.ts';
import { syncSources } from '../../src/alerts/sources/sources.ts';
import { type Config, readConfig } from '../../src/config/config.ts';
import { syncNotificationRules } from '../../src/notify/notificationRules.ts';
import { type SandboxFreeScout, startSandboxFreeScout } from '../../src/sandbox/freescout/sandboxFreeScout.ts';
import { startSandboxSlack } from '../../src/sandbox/slack/sandboxSlack.ts';
import { parseSurfaces, parseSurfacesFile } from '../../src/surfaces/surfacesFile.ts';
import { syncSurfaces } from '../../src/surfaces/sync.ts';
import { createTestDatabase } from './db.ts';
import { eventually } from './eventually.ts';
import { makeDue } from './makeDue.ts';
import { startProcess } from './startProcess.ts';

/**
 * SQL: the process was too slow for a step, or another transaction held what it needed, so the job runs again shortly.
 * What FreeScout or Slack refused waits for longer, or was refused for another reason.
 */
const IS_LATE = `
  case when e.id is null then j.attempts > 0 and j.run_at <= now() + interval '3 s'
  else e.attempts > 0 and e.status = 'pending' and j.run_at <= now() + interval '1 s'
    and (e.src in ('fileTicket', 'keepTicket') or e.history->-1->'error'->>'message' ~
      'this process was suspended|another transaction holds this message|: unreadable_answer') end`;

/**
 * The program without its HTTP server, on a new database, with the sandbox FreeScout and the sandbox Slack.
 * It has no process at first: each call of `process()` starts one on the same database.
 */
export async function startEnvironment({
  // Shorter than the settings allow, so it is injected: tests should not wait for longer doubts.
  FREESCOUT_IN_DOUBT_SECONDS: inDoubtSeconds = '3',
  ...env
}: Record<string, string> = {}) {
  const database = await createTestDatabase();
  const desk = await startSandboxFreeScout({ apiKey: 'test-key-000000000000000000000000' });
  const slack = await startSandboxSlack({ token: 'xoxb-test', userId: 'U1' });
  const lines: Record<string, unknown>[] = [];
  const settings = {
    DATABASE_POOL_SIZE: '12',
    PUBLIC_URL: 'http://127.0.0.1:3000',
    FREESCOUT_BASE_URL: desk.url,
    FREESCOUT_API_KEY: desk.apiKey,
    FREESCOUT_OPERATIONS_MAILBOX_ID: String(desk.operationsMailboxId),
    FREESCOUT_SUPPORT_MAILBOX_ID: String(desk.supportMailboxId),
    FREESCOUT_TIMEOUT_MS: '5000',
    FREESCOUT_IN_DOUBT_SECONDS: '15',
    SLACK_BOT_TOKEN: slack.token,
    SLACK_DM_USER_ID: slack.userId,
    SLACK_API_URL: slack.apiUrl,
    ...env,
  };
  const read = readConfig(settings);
  const config = { ...read, freescout: { ...read.freescout, inDoubtSeconds: Number(inDoubtSeconds) } };
  const running: { stop(): Promise<void> }[] = [];

  function process(overrides: Partial<Config> = {}, entries?: readonly MachineEntry[], share?: 'urgent') {
    const started = startProcess({ ...config, ...overrides }, database.url, lines, undefined, entries, share);
    running.push(started);
    return started;
  }

  return {
    config,
    /** `config` as environment variables, for a separate process. */
    settings,
    pool: database.pool,
    url: database.url,
    desk,
    slack,
    lines,
    process,
    /** A process without workers for what nobody waits for, as `web` is. */
    web: (overrides: Partial<Config> = {}) => process(overrides, undefined, 'urgent'),
    /** Replaces the watched surfaces. Each has an `id` and any other field of the surfaces file. */
    async surfaces(...entries: Record<string, unknown>[]): Promise<void> {
      const surfaces = entries.map((each) => ({ name: String(each.id), url: 'http://127.0.0.1:9/', ...each }));
      await syncSurfaces(database.pool, parseSurfaces(JSON.stringify({ surfaces }), 'test'));
    },
    /** Replaces what the surfaces file says about sources of alerts. Processes obey within two seconds. */
    async sources(...sources: Record<string, unknown>[]): Promise<void> {
      const file = JSON.stringify({ surfaces: [], sources });
      await syncSources(database.pool, parseSurfacesFile(file, 'test').sources);
    },
    /** Replaces what the surfaces file says about recipients: `notify`, `escalation`. Processes obey within two seconds. */
    async notifications(parts: Record<string, unknown>): Promise<void> {
      const file = JSON.stringify({ surfaces: [], ...parts });
      await syncNotificationRules(database.pool, parseSurfacesFile(file, 'test').notifications);
    },
    /** The tickets of the operations mailbox that the program filed. */
    tickets: () => operations(desk),
    audit: async (action: string) =>
      (
        await database.pool.query<{ payload: Record<string, unknown>; actor: string }>(
          'select payload, actor from audit_log where action = $1 order by id',
          [action],
        )
      ).rows,
    /** Makes all jobs due whose key matches the SQL pattern, such as `timer:helpdesk:%` or `effect:%`. */
    hurry: (key: string): Promise<void> => makeDue(database.pool, key),
    /** Ends the doubt about every attempt as if its time were over, and waits for the outcome. */
    endDoubts: (): Promise<void> =>
      eventually(async () => {
        await database.pool.query(
          "update filings set attempted_at = attempted_at - interval '1 hour' where phase = 'attempting'",
        );
        await makeDue(database.pool, 'effect:%:settle');
        const { rows } = await database.pool.query("select id from filings where phase = 'attempting'");
        if (rows.length > 0) throw new Error(`still in doubt: ${JSON.stringify(rows)}`);
      }),
    /** Waits until no job is due, nor soon due again only because this machine is busy. */
    settled: (): Promise<void> =>
      eventually(async () => {
        const { rows } = await database.pool.query(
          `select j.key, j.attempts, j.max_attempts, j.run_at, j.locked_at, j.locked_by, e.status
          from graphile_worker._private_jobs j left join effects e on j.key = 'effect:' || e.id
          where (j.run_at <= now() or ${IS_LATE}) and (${LIVE_JOB})`,
        );
        if (rows.length > 0) throw new Error(`jobs still due: ${JSON.stringify(rows)}`);
      }),
    /** The internal notes of a ticket, oldest first. */
    notes: (ticketId: number | undefined): string[] =>
      (desk.state.tickets.find(({ id }) => id === ticketId)?.threads ?? [])
        .filter(({ type }) => type === 'note')
        .map(({ body }) => body),
    /** The direct messages that begin a thread. */
    openings: () => slack.state.messages.filter((message) => !message.thread_ts),
    /** Stops everything. Throws if a secret was logged. */
    async close(): Promise<void> {
      await Promise.all(running.map((each) => each.stop()));
      await Promise.all([desk.stop(), slack.stop()]);
      await database.drop();
      const leaked = lines
        .map((line) => JSON.stringify(line))
        .filter((line) => line.includes(desk.apiKey) || line.includes(slack.token));
      if (leaked.length > 0) throw new Error(`secrets were logged:\n${leaked.join('\n')}`);
    },
  };
}

const operations = (desk: SandboxFreeScout) =>
  desk.state.tickets.filter(
    ({ mailboxId, subject }) => mailboxId === desk.operationsMailboxId && subject.startsWith('[AT-'),
  );
