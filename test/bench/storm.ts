import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { actionWriters } from '../../src/app/actionWriters.ts';
import { readConfig } from '../../src/config/config.ts';
import { migrate } from '../../src/db/migrate.ts';
import { transaction } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { startSandboxFreeScout } from '../../src/sandbox/freescout/sandboxFreeScout.ts';
import { startEmbeddedPostgres } from '../../src/sandbox/postgres/embedded.ts';
import { startSandboxSlack } from '../../src/sandbox/slack/sandboxSlack.ts';
import { startProcess } from '../support/startProcess.ts';

/**
 * How long one process takes to handle a storm of alerts: `npm run bench:storm -- 1000 whole`. Prints the seconds until
 * every alert has its audit row, the seconds until every alert without its own ticket has joined the umbrella, and the
 * processor time of this process. `npm run bench:storm -- 1000 joins` measures joining alone: as many members, each sent to
 * the umbrella in its own transaction.
 */
const COUNT = Number(process.argv[2] ?? 1000);
const IS_WHOLE = process.argv[3] !== 'joins';
const OWN = IS_WHOLE ? 20 : 0;
const AT_ONCE = 100;
const SENDERS = 8;

const silent = createLog({ level: 'silent' });
const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-bench-'));
const postgres = await startEmbeddedPostgres({ dir: join(dir, 'postgres'), ephemeral: true });
await migrate(postgres.url, silent);
const freescout = await startSandboxFreeScout({ apiKey: 'bench-key-0000000000000000000000', store: null });
const slack = await startSandboxSlack({ token: 'xoxb-bench', userId: 'U1', store: null });
const config = readConfig({
  PUBLIC_URL: 'http://127.0.0.1:3000',
  FREESCOUT_BASE_URL: freescout.url,
  FREESCOUT_API_KEY: freescout.apiKey,
  FREESCOUT_OPERATIONS_MAILBOX_ID: String(freescout.operationsMailboxId),
  FREESCOUT_SUPPORT_MAILBOX_ID: String(freescout.supportMailboxId),
  SLACK_BOT_TOKEN: slack.token,
  SLACK_DM_USER_ID: slack.userId,
  SLACK_API_URL: slack.apiUrl,
  STORM_MAX_TICKETS: String(Math.max(1, OWN)),
});
const program = startProcess(config, postgres.url, []);
const count = async (sql: string): Promise<number> =>
  (await program.pool.query<{ n: number }>(`select count(*)::int as n from ${sql}`)).rows[0]?.n ?? 0;
const decided = () => count("audit_log where action = 'console.alerts.ticket_filed' or payload->>'reason' = 'storm'");
const joined = () => count("actor_history where actor_id = 'umbrella:bench' and event->>'type' = 'TICKET_MEMBER'");

const began = performance.now();
const before = process.cpuUsage();
const seconds = () => ((performance.now() - began) / 1000).toFixed(1);
const title = (n: number) => `Service number ${n} does not answer`;

async function fire(): Promise<void> {
  for (let from = 0; from < COUNT; from += AT_ONCE) {
    await program.aggregator.ingest(
      'bench',
      Array.from({ length: Math.min(AT_ONCE, COUNT - from) }, (_, n) => ({
        alert_id: `storm-${from + n}`,
        severity: 'P1' as const,
        status: 'firing' as const,
        title: title(from + n),
      })),
    );
  }
  const accepted = seconds();
  while ((await decided()) < COUNT) await sleep(200);
  process.stdout.write(`${COUNT} alerts: accepted in ${accepted} s, all decided after ${seconds()} s\n`);
}

async function joinAll(): Promise<void> {
  let next = 0;
  const send = async () => {
    for (let n = next++; n < COUNT; n = next++) {
      const member = { alertKey: `bench:storm-${n}`, severity: 'P1', title: title(n) };
      const params = ['TICKET_MEMBER', 'DM_MEMBER'].map((type) => ({ to: 'umbrella:bench', event: { type, member } }));
      await transaction(program.pool, async (client) =>
        actionWriters.tell?.(client, [{ actorId: `alert:${n}`, id: `alert:${n}`, params, at: '' }]),
      );
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
}

await (IS_WHOLE ? fire() : joinAll());
while ((await joined()) < COUNT - OWN) await sleep(200);
const { user, system } = process.cpuUsage(before);
process.stdout.write(`all joined after ${seconds()} s, ${((user + system) / 1e6).toFixed(1)} s of processor time\n`);
await program.stop();
await Promise.all([freescout.stop(), slack.stop()]);
await postgres.stop();
await rm(dir, { recursive: true, force: true });
process.exit(0);
