import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { startProgram } from '../support/startProgram.ts';

let database: TestDatabase;
let dir: string;

beforeAll(async () => {
  database = await createTestDatabase();
  dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-modules-'));
});

afterAll(async () => {
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

/** Every file that a production process has loaded by the time it stops: V8 lists them in its coverage report. */
async function loadedBy(role: 'web' | 'worker'): Promise<string[]> {
  const report = join(dir, role);
  const program = await startProgram([role], {
    NODE_ENV: 'production',
    NODE_V8_COVERAGE: report,
    HOST: '127.0.0.1',
    PUBLIC_URL: 'http://127.0.0.1',
    DATABASE_URL: database.url,
    OIDC_ISSUER_URL: 'http://127.0.0.1:9/',
    OIDC_CLIENT_ID: 'console',
    OIDC_CLIENT_SECRET: 'a-client-secret-of-more-than-32-characters',
    SESSION_SECRET: 'a-session-secret-of-more-than-32-characters',
  });
  expect(await program.stop()).toBe(0);
  const files = await Promise.all((await readdir(report)).map((name) => readFile(join(report, name), 'utf8')));
  return files.flatMap((text) => (JSON.parse(text) as { result: { url: string }[] }).result.map(({ url }) => url));
}

it.each(['web', 'worker'] as const)(
  'a production %s process loads no file of the sandbox or of a test',
  async (role) => {
    const program = `${packageRoot}/`;
    const loaded = (await loadedBy(role))
      .filter((url) => url.startsWith('file:'))
      .map((url) => fileURLToPath(url))
      .filter((file) => file.startsWith(program) && !file.includes('/node_modules/'))
      .map((file) => file.slice(program.length));
    expect(loaded).toContain('dist/src/app/app.js');
    expect(loaded.filter((file) => !/^(bin|dist\/(src|machines))\//.test(file))).toEqual([]);
    expect(loaded.filter((file) => file.includes('/sandbox/'))).toEqual([]);
  },
  // With V8's coverage a start takes several times as long, and up to a minute on a busy machine.
  180_000,
);
