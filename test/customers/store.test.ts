import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CustomerFileError, importCustomers } from '../../src/customers/csv.ts';
import { createCustomers } from '../../src/customers/store.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('truncate customers');
});

const file = (...lines: string[]) => Buffer.from(['id,email,name,freescout_customer_id', ...lines].join('\n'));

test('an import adds new customers and replaces known ones, and the others stay', async () => {
  const customers = createCustomers(database.pool);
  await importCustomers(customers, file('c-1,a@x.example,A,55', 'c-2,b@x.example,B,'));
  expect(await importCustomers(customers, file('c-2,bb@x.example,BB,9007199254740', 'c-3,c@x.example,C,'))).toEqual({
    added: 1,
    updated: 1,
  });
  expect(await customers.find('c-1')).toEqual({ id: 'c-1', email: 'a@x.example', name: 'A', freescoutCustomerId: 55 });
  expect(await customers.find('c-2')).toMatchObject({ email: 'bb@x.example', freescoutCustomerId: 9007199254740 });
  expect(await customers.find('c-3')).toMatchObject({ freescoutCustomerId: null });
});

test('an invalid file changes nothing', async () => {
  const customers = createCustomers(database.pool);
  await expect(importCustomers(customers, file('c-1,a@x.example,A,', 'c-2,nobody,B,'))).rejects.toThrow(
    CustomerFileError,
  );
  expect(await customers.find('c-1')).toBeNull();
});

test('an empty import changes nothing', async () => {
  expect(await importCustomers(createCustomers(database.pool), file())).toEqual({ added: 0, updated: 0 });
});

test('an import of many is one statement', async () => {
  const customers = createCustomers(database.pool);
  const lines = Array.from({ length: 20_000 }, (_, n) => `c-${n},${n}@x.example,Customer ${n},`);
  expect(await importCustomers(customers, file(...lines))).toEqual({ added: 20_000, updated: 0 });
});

test.each(['c-9', '', "' or true --", 'a\0b'])('no customer has the id %j', async (id) => {
  expect(await createCustomers(database.pool).find(id)).toBeNull();
});
