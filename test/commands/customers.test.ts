import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { run } from './run.ts';

let database: TestDatabase;
let dir: string;
beforeAll(async () => {
  database = await createTestDatabase();
  dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-customers-'));
});
afterAll(async () => {
  await database.drop();
  await rm(dir, { recursive: true, force: true });
});

async function importing(text: string) {
  const file = join(dir, 'customers.csv');
  await writeFile(file, text);
  return run(['customers', 'import', file], { DATABASE_URL: database.url });
}

it('imports a file and says how many were new', async () => {
  await importing('id,email,name\nc-1,a@x.example,A\n');
  expect(await importing('id,email,name\nc-1,a@x.example,A\nc-2,b@x.example,B\n')).toMatchObject({
    out: ['1 customer added, 1 updated.'],
    failure: null,
  });
  const { rows } = await database.pool.query('select id from customers order by id');
  expect(rows).toEqual([{ id: 'c-1' }, { id: 'c-2' }]);
});

it('names the faults of a file by their lines', async () => {
  const { failure, out } = await importing('id,email,name\nc-9,nobody,N\n');
  expect(failure).toMatch(/line 2: email is not an email address/);
  expect(out).toEqual([]);
});

it('says that there is no such file', async () => {
  expect(await run(['customers', 'import', join(dir, 'nope.csv')], { DATABASE_URL: database.url })).toMatchObject({
    failure: `There is no file ${join(dir, 'nope.csv')}.`,
  });
});

it('says that a folder is no file', async () => {
  expect((await run(['customers', 'import', dir], { DATABASE_URL: database.url })).failure).toMatch(/is a folder/);
});
