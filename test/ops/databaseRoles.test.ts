import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { auditRights } from '../../src/audit/rights.ts';
import { createPool } from '../../src/db/pool.ts';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { createLog } from '../../src/log/log.ts';
import { run } from '../commands/run.ts';
import { createTestDatabase } from '../support/db.ts';

const NAMES = ['owner', 'app', 'reader'] as const;

/** Roles belong to the whole cluster of the tests, so that those of each database have names of their own. */
const roleOf = (url: string, name: string) => `${new URL(url).pathname.slice(1)}_${name}`;

async function emptyDatabase() {
  const database = await createTestDatabase({ empty: true });
  onTestFinished(async () => {
    const admin = new pg.Client({
      connectionString: Object.assign(new URL(database.url), { pathname: 'postgres' }).href,
    });
    await database.drop();
    await admin.connect();
    for (const name of NAMES) await admin.query(`drop role if exists ${roleOf(database.url, name)}`);
    await admin.end();
  });
  return database;
}

/** Runs the script of `compose.yaml` as its service does, with these passwords. */
function createRoles(url: string, passwords: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'auto-ticketing-roles-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, password] of Object.entries(passwords)) {
    writeFileSync(join(folder, `database_${name}_password`), `${password}\n`);
  }
  const script = readFileSync(join(packageRoot, 'docs/ops/postgres/roles.sql'), 'utf8');
  const input = script.replaceAll('/run/secrets', folder).replaceAll('console_', roleOf(url, ''));
  const { status, stderr } = spawnSync('psql', ['-X', '-q', '-f', '-', url], { input, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
}

/** Migrates with these roles, and tries what the program must not be able to do. */
async function expectProtectedLog(urls: Record<(typeof NAMES)[number], string>): Promise<void> {
  const env = { DATABASE_OWNER_URL: urls.owner, DATABASE_URL: urls.app, DATABASE_READER_URL: urls.reader };
  const { out, failure } = await run(['migrate'], { ...env, NODE_ENV: 'production' });
  expect(failure).toBeNull();
  const [app, reader] = [roleOf(urls.app, 'app'), roleOf(urls.app, 'reader')];
  expect(out.at(-1)).toBe(`The rights of ${app} and ${reader} are up to date.`);
  const program = createPool(urls.app, 1, createLog({ level: 'silent' }));
  expect(await auditRights(program)).toMatchObject({ role: app, excess: [] });
  await program.query(`insert into audit_log (action, payload, actor) values ('x', '{}', 'x')`);
  await expect(program.query('delete from audit_log')).rejects.toThrow(/permission denied/);
  await program.end();
}

function rolesOf(url: string, passwordOf: (name: string) => string) {
  createRoles(url, Object.fromEntries(NAMES.map((name) => [name, passwordOf(name)])));
  const urlOf = (name: string) =>
    Object.assign(new URL(url), { username: roleOf(url, name), password: passwordOf(name) }).href;
  return { owner: urlOf('owner'), app: urlOf('app'), reader: urlOf('reader') };
}

it('with the roles of compose.yaml the program cannot rewrite its audit log, also after the passwords were replaced', async () => {
  const { url } = await emptyDatabase();
  await expectProtectedLog(rolesOf(url, (name) => `first '${name}`));
  await expectProtectedLog(rolesOf(url, (name) => `second '${name}`));
});

it('a database whose tables belong to the superuser of compose.yaml gets the roles, and that role migrates', async () => {
  const { url } = await emptyDatabase();
  expect((await run(['migrate'], { DATABASE_URL: url })).failure).toBeNull();
  await expectProtectedLog({ ...rolesOf(url, (name) => `of ${name}`), owner: url });
});
