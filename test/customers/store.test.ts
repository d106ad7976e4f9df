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

test('customers are found by a text in their id, name or email address that begins with a word, page after page by name', async () => {
  const customers = createCustomers(database.pool);
  const rows = [
    'c-1,ada@x.example,Ada,',
    'c-2,bo@y.example,bob,',
    'c-3,carl@x.example,50% Carl,',
    'x-4,d@z.example,Ada,',
  ];
  await importCustomers(customers, file(...rows));
  const ids = async (q: string | undefined, limit = 10) =>
    (await customers.list({ q, limit })).customers.map(({ id }) => id);
  expect(await ids('X.EXAMPLE')).toEqual(['c-3', 'c-1']);
  expect(await ids('ada')).toEqual(['c-1', 'x-4']);
  expect(await ids('C-2')).toEqual(['c-2']);
  expect(await ids('50%')).toEqual(['c-3']);
  expect(await ids('50_')).toEqual([]);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await customers.list({ cursor, limit: 1 });
    seen.push(...page.customers.map(({ id }) => id));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual(['c-3', 'c-1', 'x-4', 'c-2']);
  await expect(customers.list({ cursor: 'made-up', limit: 1 })).rejects.toMatchObject({ field: 'cursor' });
});

test.each([
  ['the beginning of the second word of a name', 'lüd', ['c-5']],
  ['the beginning of a word in any case', 'MÜLL', ['c-5']],
  ['several words as they stand', 'Müller-lüden', ['c-5']],
  ['words in another order', 'lüden müller', []],
  ['words of different fields', 'müller c', []],
  ['the middle of a word', 'ller', []],
  ['the host of an email address', 'z.example', ['c-5', 'c-6']],
  ['an email address from its sign on', '@z.example', ['c-5', 'c-6']],
  ['quotes and operators, taken literally', "o'bri", ['c-6']],
  ['operators of a query of words', "a' | 'b:*", []],
  ['signs only', '%', []],
  ['spaces only', '  ', []],
])('a search of customers for %s finds exactly the customers that have it', async (_, q, found) => {
  const customers = createCustomers(database.pool);
  await importCustomers(
    customers,
    file('c-5,m.l@z.example,"Müller-Lüdenscheidt GmbH & Co",', 'c-6,ob@z.example,"O\'Brien, 100%",'),
  );
  expect((await customers.list({ q, limit: 10 })).customers.map(({ id }) => id)).toEqual(found);
});

test('a search of customers for an empty text finds all', async () => {
  const customers = createCustomers(database.pool);
  await importCustomers(customers, file('c-1,a@x.example,A,'));
  expect((await customers.list({ q: '', limit: 10 })).customers).toHaveLength(1);
});

test('a customer with words longer than an index of words may have is stored and found', async () => {
  const customers = createCustomers(database.pool);
  const word = '\u{20000}'.repeat(600);
  await customers.upsert([{ id: 'c-7', email: 'a@x.example', name: word, freescoutCustomerId: null }]);
  expect((await customers.list({ q: '\u{20000}', limit: 10 })).customers.map(({ id }) => id)).toEqual(['c-7']);
});
