import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type SandboxFreeScout, startSandboxFreeScout } from '../../src/sandbox/freescout/sandboxFreeScout.ts';
import { type SandboxServices, startSandboxServices } from '../../src/sandbox/services/sandboxServices.ts';
import { startSandboxSlack } from '../../src/sandbox/slack/sandboxSlack.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { type Program, startProgram } from '../support/startProgram.ts';

/** Real processes of the built program, seen from outside: HTTP, signals, and what stands in FreeScout and Slack. */

let database: TestDatabase;
let desk: SandboxFreeScout;
let slack: Awaited<ReturnType<typeof startSandboxSlack>>;
let services: SandboxServices;
let env: Record<string, string>;
const running: Program[] = [];

const start = async (...args: string[]): Promise<Program> => {
  const program = await startProgram(args, env);
  running.push(program);
  return program;
};
const eventually = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 30_000, interval: 100 });
const ticketsAbout = (id: string) =>
  desk.state.tickets.filter(({ subject }) => subject.startsWith('[AT-') && subject.includes(`(${id})`));
const auditOf = async (program: Program, action: string) =>
  (
    (await (await program.get(`/console/audit?action=${action}&limit=200`)).json()) as {
      rows: { payload: Record<string, unknown> }[];
    }
  ).rows;
const checksOf = async (id: string) =>
  Number((await database.pool.query('select count(*) as n from checks where surface_id = $1', [id])).rows[0].n);

beforeAll(async () => {
  database = await createTestDatabase();
  desk = await startSandboxFreeScout({ apiKey: 'test-key-000000000000000000000000' });
  slack = await startSandboxSlack({ token: 'xoxb-test-token', userId: 'U1' });
  services = await startSandboxServices();
  const file = join(tmpdir(), `surfaces-${process.pid}.yaml`);
  await writeFile(file, JSON.stringify({ surfaces: services.surfaces }));
  env = {
    DATABASE_URL: database.url,
    SURFACES_FILE: file,
    POLL_INTERVAL_SECONDS: '1',
    FREESCOUT_BASE_URL: desk.url,
    FREESCOUT_API_KEY: desk.apiKey,
    FREESCOUT_IN_DOUBT_SECONDS: '5',
    FREESCOUT_OPERATIONS_MAILBOX_ID: String(desk.operationsMailboxId),
    SLACK_BOT_TOKEN: slack.token,
    SLACK_DM_USER_ID: slack.userId,
    SLACK_API_URL: slack.apiUrl,
  };
});

afterAll(async () => {
  await Promise.all(running.map((program) => program.kill()));
  await Promise.all([desk.stop(), slack.stop(), services.stop()]);
  await database.drop();
});

test('an outage over ten cycles with a kill -9 in the middle is one ticket, one audit row and one opening message', {
  timeout: 120_000,
}, async () => {
  const first = await start();
  await eventually(async () => expect((await first.get('/readyz')).status).toBe(200));
  services.control.set('api-prod', 'down');
  const from = await checksOf('api-prod');
  await eventually(async () => expect(await checksOf('api-prod')).toBeGreaterThanOrEqual(from + 4));
  await first.kill();
  const second = await start();
  await eventually(async () => expect(await checksOf('api-prod')).toBeGreaterThanOrEqual(from + 11));
  await eventually(async () => expect(await auditOf(second, 'console.alerts.ticket_filed')).toHaveLength(1));
  expect(ticketsAbout('api-prod')).toHaveLength(1);
  await eventually(() => expect(slack.state.messages.filter(({ thread_ts }) => !thread_ts)).toHaveLength(1));
  expect(await second.stop()).toBe(0);
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
      expect(response.status).toBe(200);
      return (await response.json()) as { idempotent: boolean; ticket_id: number };
    }),
  );
  expect(answers.filter(({ idempotent }) => idempotent === false)).toHaveLength(1);
  expect(answers.filter(({ idempotent }) => idempotent === true)).toHaveLength(49);
  expect(new Set(answers.map(({ ticket_id }) => ticket_id)).size).toBe(1);
  expect(await auditOf(one, 'console.status.ticket_filed')).toHaveLength(50);
  expect(ticketsAbout('search')).toHaveLength(2);
  expect(await Promise.all([worker.stop(), one.stop(), two.stop()])).toEqual([0, 0, 0]);
});
