import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type SandboxFreeScout, startSandboxFreeScout } from '../../src/sandbox/freescout/sandboxFreeScout.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { PRODUCTION } from '../support/settings.ts';
import { type Program, startProgram } from '../support/startProgram.ts';

/** A web process whose secrets are in files, which are replaced while it runs. */

let database: TestDatabase;
let freescout: SandboxFreeScout;
let folder: string;
let web: Program;
const secret = (name: string, text: string) => writeFile(join(folder, name), `${text}\n`);

beforeAll(async () => {
  database = await createTestDatabase();
  freescout = await startSandboxFreeScout({ apiKey: 'new-key-0123456789abcdef' });
  folder = await mkdtemp(join(tmpdir(), 'auto-ticketing-rotation-'));
  await secret('key', 'old-key-0123456789abcdef');
  await secret('tokens', 'script:viewer:old-token-0123456789');
  await secret('scraper', 'old-token-of-the-scraper');
  const { DATABASE_URL: _, ...settings } = PRODUCTION;
  web = await startProgram(['web'], {
    ...settings,
    OIDC_ISSUER_URL: 'http://127.0.0.1:1',
    HOST: '127.0.0.1',
    DATABASE_URL: database.url,
    FREESCOUT_BASE_URL: freescout.url,
    FREESCOUT_OPERATIONS_MAILBOX_ID: String(freescout.operationsMailboxId),
    FREESCOUT_API_KEY_FILE: join(folder, 'key'),
    CONSOLE_API_TOKENS_FILE: join(folder, 'tokens'),
    METRICS_TOKEN_FILE: join(folder, 'scraper'),
  });
  await database.pool.query("insert into customers (id, email, name) values ('ada', 'ada@example.com', 'Ada')");
});
afterAll(async () => {
  await web.kill();
  await freescout.stop();
  await database.drop();
  await rm(folder, { recursive: true });
});

const asks = (token: string) =>
  fetch(`${web.url}/console/customers/ada/tickets`, { headers: { authorization: `Bearer ${token}` } });

const scrapes = async (token: string) =>
  (await fetch(`${web.url}/metrics`, { headers: { authorization: `Bearer ${token}` } })).status;

/** Sends SIGHUP and waits until all files were read again. The lines that this caused. */
async function reload(): Promise<string> {
  const before = web.lines.length;
  process.kill(web.pid, 'SIGHUP');
  const caused = () => web.lines.slice(before).join('\n');
  await expect.poll(caused).toContain('"surfaces file reloaded"');
  return caused();
}

beforeEach(async () => {
  await secret('key', 'old-key-0123456789abcdef');
  await secret('tokens', 'script:viewer:old-token-0123456789');
  await secret('scraper', 'old-token-of-the-scraper');
  await reload();
});

it('SIGHUP takes secrets from their files: the key of FreeScout and the tokens of scripts and scrapers', async () => {
  const before = await asks('old-token-0123456789');
  expect([before.status, await before.json()]).toMatchObject([200, { degraded: true }]);

  await secret('key', 'new-key-0123456789abcdef');
  await secret('tokens', 'script:viewer:new-token-0123456789');
  await secret('scraper', 'new-token-of-the-scraper');
  expect(await reload()).toContain('"secrets reloaded"');
  const after = await asks('new-token-0123456789');
  expect([after.status, await after.json()]).toMatchObject([200, { degraded: false }]);
  expect((await asks('old-token-0123456789')).status).toBe(401);
  expect([await scrapes('new-token-of-the-scraper'), await scrapes('old-token-of-the-scraper')]).toEqual([200, 401]);
  expect(web.lines.join('\n')).not.toMatch(/(old|new)-(key|token)-/);
});

it('a secret that became invalid changes nothing', async () => {
  await secret('tokens', 'nonsense');
  expect(await reload()).toContain('secrets could not be reloaded');
  expect((await asks('old-token-0123456789')).status).toBe(200);
});
