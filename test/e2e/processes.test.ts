import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SandboxFreeScout, startSandboxFreeScout } from '../../src/sandbox/freescout/sandboxFreeScout.ts';
import { type SandboxServices, startSandboxServices } from '../../src/sandbox/services/sandboxServices.ts';
import { startSandboxSlack } from '../../src/sandbox/slack/sandboxSlack.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { eventually } from '../support/eventually.ts';
import { type Program, startProgram } from '../support/startProgram.ts';

/** Real processes of the built program, tested from outside: HTTP, signals, and the contents of FreeScout and Slack. */

let database: TestDatabase;
let freescout: SandboxFreeScout;
let slack: Awaited<ReturnType<typeof startSandboxSlack>>;
let services: SandboxServices;
let folder: string;
let env: Record<string, string>;
const running: Program[] = [];

const start = async (...args: string[]): Promise<Program> => {
  const program = await startProgram(args, env);
  running.push(program);
  return program;
};
const ticketsAbout = (id: string) =>
  freescout.state.tickets.filter(({ subject }) => subject.startsWith('[AT-') && subject.includes(`(${id})`));
/** Direct messages that begin a thread and name this surface. */
const openingsAbout = (name: string) =>
  slack.state.messages.filter(({ thread_ts, text }) => thread_ts === null && text.includes(name));
const auditOf = async (program: Program, action: string) =>
  (
    (await (await program.get(`/console/audit?action=${action}&limit=200`)).json()) as {
      rows: { payload: Record<string, unknown> }[];
    }
  ).rows;
const checksOf = async (id: string) =>
  Number((await database.pool.query('select count(*) as n from checks where surface_id = $1', [id])).rows[0].n);

beforeEach(async () => {
  database = await createTestDatabase();
  freescout = await startSandboxFreeScout({ apiKey: 'test-key-000000000000000000000000' });
  slack = await startSandboxSlack({ token: 'xoxb-test-token', userId: 'U1' });
  services = await startSandboxServices();
  folder = await mkdtemp(join(tmpdir(), 'auto-ticketing-processes-'));
  const file = join(folder, 'surfaces.yaml');
  // On a busy machine a healthy service may answer late, which must not degrade it.
  const surfaces = services.surfaces.map((surface) => ({ ...surface, degraded_after_ms: surface.timeout_ms }));
  await writeFile(file, JSON.stringify({ surfaces }));
  env = {
    DATABASE_URL: database.url,
    SURFACES_FILE: file,
    POLL_INTERVAL_SECONDS: '1',
    FREESCOUT_BASE_URL: freescout.url,
    FREESCOUT_API_KEY: freescout.apiKey,
    // On a busy machine FreeScout may answer late, which must not count as its failure.
    FREESCOUT_TIMEOUT_MS: '10000',
    FREESCOUT_IN_DOUBT_SECONDS: '15',
    FREESCOUT_OPERATIONS_MAILBOX_ID: String(freescout.operationsMailboxId),
    SLACK_BOT_TOKEN: slack.token,
    SLACK_DM_USER_ID: slack.userId,
    SLACK_API_URL: slack.apiUrl,
  };
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((program) => program.kill()));
  await Promise.all([freescout.stop(), slack.stop(), services.stop()]);
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

test('an outage over ten cycles with a kill -9 in the middle causes one ticket, one audit row and one opening message', {
  timeout: 240_000,
}, async () => {
  const first = await start();
  await eventually(async () => expect((await first.get('/readyz')).status).toBe(200));
  services.control.set('api-prod', 'down');
  const from = await checksOf('api-prod');
  await eventually(async () => expect(await checksOf('api-prod')).toBeGreaterThanOrEqual(from + 4), 60_000);
  await first.kill();
  const second = await start();
  await eventually(async () => expect(await checksOf('api-prod')).toBeGreaterThanOrEqual(from + 11), 60_000);
  // The process may have been killed during the filing, whose outcome is then in doubt for some time.
  await eventually(async () => expect(await auditOf(second, 'console.alerts.ticket_filed')).toHaveLength(1), 60_000);
  expect(ticketsAbout('api-prod')).toHaveLength(1);
  await eventually(() => expect(openingsAbout('API (production)')).toHaveLength(1));
  expect(await second.stop()).toBe(0);
});

test('a worker takes over the sources of the surfaces file on SIGHUP, and a faulty file changes nothing', async () => {
  const worker = await start('worker');
  const file = env.SURFACES_FILE ?? '';
  const stored = async () => (await database.pool.query('select config from alert_sources order by id')).rows;
  const reload = async (sources: unknown, logged: string) => {
    await writeFile(file, JSON.stringify({ revision: 2, surfaces: services.surfaces, sources }));
    process.kill(worker.pid, 'SIGHUP');
    await eventually(() => expect(worker.lines.join('\n')).toContain(logged));
  };
  expect(await stored()).toEqual([]);
  await reload([{ id: 'nagios', repeat_interval: '5m', reopen_within_minutes: 30 }], 'surfaces file reloaded');
  const nagios = { id: 'nagios', repeatSeconds: 300, stableIds: false, reopenWithinMinutes: 30 };
  expect(await stored()).toEqual([{ config: nagios }]);
  await reload([{ id: 'nagios', reopen_within_minutes: -1 }], 'surfaces file could not be reloaded');
  expect(await stored()).toEqual([{ config: nagios }]);
});

test('fifty clicks at once through two web processes file one ticket and write fifty audit rows', {
  timeout: 120_000,
}, async () => {
  const worker = await start('worker');
  const [one, two] = await Promise.all([start('web'), start('web')]);
  services.control.set('search', 'down');
  await eventually(async () => {
    const { surfaces } = (await (await one.get('/console/status')).json()) as {
      surfaces: { id: string; status: string }[];
    };
    expect(surfaces.find(({ id }) => id === 'search')?.status).toBe('DOWN');
  });
  await eventually(() => expect(ticketsAbout('search')).toHaveLength(1));
  const answers = await Promise.all(
    Array.from({ length: 50 }, async (_, n) => {
      const response = await (n % 2 ? one : two).post('/console/status/investigate/search');
      const answer = (await response.json()) as { idempotent: boolean; ticket_id: number };
      expect(response.status, JSON.stringify(answer)).toBe(200);
      return answer;
    }),
  );
  expect(answers.filter(({ idempotent }) => idempotent === false)).toHaveLength(1);
  expect(answers.filter(({ idempotent }) => idempotent === true)).toHaveLength(49);
  expect(new Set(answers.map(({ ticket_id }) => ticket_id)).size).toBe(1);
  expect(await auditOf(one, 'console.status.ticket_filed')).toHaveLength(50);
  expect(ticketsAbout('search')).toHaveLength(2);
  expect(await Promise.all([worker.stop(), one.stop(), two.stop()])).toEqual([0, 0, 0]);
});
