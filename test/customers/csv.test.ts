import { describe, expect, test } from 'vitest';
import { CustomerFileError, parseCustomers } from '../../src/customers/csv.ts';

const bytes = (text: string) => Buffer.from(text);

function faultsOf(file: Uint8Array): readonly string[] {
  try {
    parseCustomers(file);
  } catch (error) {
    if (error instanceof CustomerFileError) return error.errors;
    throw error;
  }
  return [];
}

describe('a good file', () => {
  test('needs id, email and name', () => {
    expect(parseCustomers(bytes('id,email,name\nc-1,eve@customer.example,Eve\n'))).toEqual([
      { id: 'c-1', email: 'eve@customer.example', name: 'Eve', freescoutCustomerId: null },
    ]);
  });

  test('may give the FreeScout number, and leave it out in a line', () => {
    const file = bytes('id,email,name,freescout_customer_id\nc-1,a@x.example,A,55\nc-2,b@x.example,B,\n');
    expect(parseCustomers(file).map(({ freescoutCustomerId }) => freescoutCustomerId)).toEqual([55, null]);
  });

  test('may come from a spreadsheet: byte order mark, CRLF, quotes, spaces, empty lines', () => {
    const file = bytes('\ufeffid,Email,name\r\n\r\n c-1 ,a@x.example,"Müller, ""A"" & Co"\r\n');
    expect(parseCustomers(file)).toEqual([
      { id: 'c-1', email: 'a@x.example', name: 'Müller, "A" & Co', freescoutCustomerId: null },
    ]);
  });

  test('may hold nobody', () => {
    expect(parseCustomers(bytes('id,email,name\n'))).toEqual([]);
  });
});

describe('a faulty file', () => {
  test.each([
    ['"id";"email";"name"\r\n"c-1";"a@x.example";"A"\r\n', 1, 'semicolons'],
    ['\ufeffid\temail\tname\tfreescout_customer_id\nc-1\ta@x.example\tA\t\n', 1, 'tabs'],
    ['sep=;\r\n"id";"email";"name"\r\n"c-1";"a@x.example";"A"\r\n', 1, 'semicolons'],
    ['"id";"e-mail";"name"\r\n"c-1";"a@x.example";"A"\r\n', 1, 'semicolons'],
    ['"c-1";"a@x.example";"A"\r\n', 1, 'semicolons'],
    ['id,email,name\n"c-1";"a@x.example";"A"\n', 2, 'semicolons'],
    ['id,email,name\nc-1|a@x.example|A\n', 2, 'vertical bars'],
    ['id;mail;name\nc-1;a@x.example;"Müller, ""A"" & Co"\n', 1, 'semicolons'],
    ['id;mail;name\nc-1;a@x.example;A "B" C\n', 1, 'semicolons'],
    ['\nid\tmail\tname; surname\n', 2, 'tabs'],
  ])('%j names the line %i and its separator', (text, line, separator) => {
    expect(faultsOf(bytes(text))).toEqual([`line ${line}: the columns are separated by ${separator}: use commas`]);
  });

  test.each([
    ['in quotes', 'id,email,name\nc-1,a@x.example,"A; B\nC; D"\nc-2,b@x.example,5" disk\n', /^line 4: Invalid Opening/],
    ['beside commas', 'id,email,name\nc-1,a@x.example;5" disk\n', /^line 2: Invalid Opening Quote/],
    [
      'below the faulty line',
      'id,email,name\nc-1,a@x.example,5" disk\nc-2;b@x.example;B\n',
      /^line 2: Invalid Opening/,
    ],
  ])('with other separators only %s is refused for what is wrong', (_, text, fault) => {
    expect(faultsOf(bytes(text))).toEqual([expect.stringMatching(fault)]);
  });

  test('reports all errors with their lines', () => {
    const file = bytes(
      [
        'id,email,name,freescout_customer_id',
        'c-1,eve@customer.example,Eve,1',
        ',not an address,,-3',
        'c-3,c@x.example,C',
        'c-1,d@x.example,D,',
        'c-5,e@x.example,"E\u0007",',
      ].join('\n'),
    );
    expect(faultsOf(file)).toEqual([
      'line 3: id is missing',
      'line 3: email is not an email address',
      'line 3: name is missing',
      'line 3: freescout_customer_id is not a positive whole number',
      'line 4: has 3 fields, but the header has 4',
      'line 5: id is the same as on line 2',
      'line 6: name contains a control character',
    ]);
  });

  test.each([
    ['no header', 'c-1,eve@customer.example,Eve\n', 'line 1: the column id is missing'],
    ['nothing', '', 'line 1: the column name is missing'],
    ['a column nobody knows', 'id,email,name,phone\n', 'line 1: the column "phone" is unknown'],
    ['a column twice', 'id,email,name,email\n', 'line 1: the column "email" appears twice'],
  ])('with %s is refused by its header', (_, text, fault) => {
    expect(faultsOf(bytes(text))).toContain(fault);
  });

  test('with a quote that is not closed is refused with its line', () => {
    expect(faultsOf(bytes('id,email,name\nc-1,a@x.example,"A\n'))).toEqual([
      expect.stringMatching(/^line 2: Quote Not Closed/),
    ]);
  });

  test('in another encoding is refused', () => {
    expect(faultsOf(Buffer.from('id,email,name\nc-1,a@x.example,M\xfcller\n', 'latin1'))).toEqual([
      'The file is not UTF-8 text.',
    ]);
  });

  test('with faults without end names the first hundred', () => {
    const faults = faultsOf(bytes(`id,email,name\n${'x,y,z\n'.repeat(500)}`));
    expect(faults).toHaveLength(101);
    expect(faults.at(-1)).toMatch(/^and \d+ more$/);
  });
});
