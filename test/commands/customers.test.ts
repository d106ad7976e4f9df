import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { run } from './run.ts';

let database: TestDatabase;
let dir: string;
beforeAll(async () => {
  database = await createTestDatabase();
  dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-customers-'));
});
beforeEach(() => database.pool.query('truncate customers cascade'));
afterAll(async () => {
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

const importFile = (path: string) => run(['customers', 'import', path], { DATABASE_URL: database.url });

async function importCsv(text: string) {
  const file = join(dir, 'customers.csv');
  await writeFile(file, text);
  return importFile(file);
}

it('customers import adds new customers, updates known ones and prints both numbers', async () => {
  await importCsv('id,email,name\nc-1,a@x.example,A\n');
  expect(await importCsv('id,email,name\nc-1,a@x.example,A\nc-2,b@x.example,B\n')).toMatchObject({
    out: ['1 customer added, 1 updated.'],
    failure: null,
  });
  const { rows } = await database.pool.query('select id from customers order by id');
  expect(rows).toEqual([{ id: 'c-1' }, { id: 'c-2' }]);
});

it('customers import names the line of an error', async () => {
  const { failure, out } = await importCsv('id,email,name\nc-9,nobody,N\n');
  expect(failure).toMatch(/line 2: email is not an email address/);
  expect(out).toEqual([]);
});

it('customers import fails if the file does not exist', async () => {
  const file = join(dir, 'nope.csv');
  expect(await importFile(file)).toMatchObject({ failure: `There is no file ${file}.` });
});

it('customers import fails for a folder', async () => {
  expect((await importFile(dir)).failure).toMatch(/is a folder/);
});
