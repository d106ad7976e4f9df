import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { Customer, CustomerStore } from './store.ts';

/** A file of customers cannot be used; every fault names its line. Nothing of it was applied. */
export class CustomerFileError extends Error {
  readonly errors: readonly string[];

  constructor(faults: readonly string[]) {
    super(['The customers cannot be imported:', ...faults.map((fault) => `- ${fault}`)].join('\n'));
    this.name = 'CustomerFileError';
    this.errors = faults;
  }
}

/**
 * Imports a CSV file of customers: header `id,email,name`, optionally `freescout_customer_id`. Known ids are replaced,
 * customers that the file does not name stay. Throws CustomerFileError before anything is written.
 */
export async function importCustomers(
  customers: Pick<CustomerStore, 'upsert'>,
  file: Uint8Array,
): Promise<{ added: number; updated: number }> {
  return await customers.upsert(parseCustomers(file));
}

const REQUIRED = ['id', 'email', 'name'];
const OPTIONAL = ['freescout_customer_id'];
/** A file with one wrong column has as many faults as lines; nobody reads more than this. */
const MAX_ERRORS = 100;

const text = z
  .string()
  .trim()
  .min(1, 'is missing')
  .max(255, 'is longer than 255 characters')
  .regex(/^\P{Cc}*$/u, 'holds a control character');
const rowSchema = z.object({
  id: text,
  email: text.regex(/^[^\s@]+@[^\s@]+$/, 'is not an email address'),
  name: text,
  freescout_customer_id: z
    .string()
    .trim()
    .regex(/^([1-9]\d{0,14})?$/, 'is not a positive whole number')
    .transform((digits) => (digits === '' ? null : Number(digits)))
    .optional(),
});

/** A record and the line it ends on; a quoted field may span several. */
const lineSchema = z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) });
type Line = z.output<typeof lineSchema>;

/** Reads a whole file, UTF-8 with or without a byte order mark. Throws CustomerFileError with all faults together. */
export function parseCustomers(file: Uint8Array): Customer[] {
  const [header, ...lines] = linesOf(file);
  const columns = (header?.record ?? []).map((name) => name.trim().toLowerCase());
  const headerFaults = headerErrors(columns);
  if (headerFaults.length > 0) throw new CustomerFileError(headerFaults);

  const customers = new Map<string, Customer>();
  const faults: string[] = [];
  const lineOf = new Map<string, number>();
  for (const { record, info } of lines) {
    const fault = (what: string) => faults.push(`line ${info.lines}: ${what}`);
    if (record.length !== columns.length) {
      fault(`has ${record.length} fields where the header has ${columns.length}`);
      continue;
    }
    const row = rowSchema.safeParse(Object.fromEntries(columns.map((name, index) => [name, record[index]])));
    if (!row.success) {
      for (const issue of row.error.issues) fault(`${issue.path.join('.')} ${issue.message}`);
      continue;
    }
    const { id, email, name, freescout_customer_id: number } = row.data;
    const earlier = lineOf.get(id);
    if (earlier !== undefined) fault(`id is that of line ${earlier} again`);
    lineOf.set(id, info.lines);
    customers.set(id, { id, email, name, freescoutCustomerId: number ?? null });
  }
  if (faults.length > 0) throw new CustomerFileError(firstOf(faults));
  return [...customers.values()];
}

function linesOf(file: Uint8Array): Line[] {
  try {
    const content = new TextDecoder('utf-8', { fatal: true }).decode(file);
    return z.array(lineSchema).parse(parse(content, { info: true, relax_column_count: true, skip_empty_lines: true }));
  } catch (error) {
    if (error instanceof CsvError) throw new CustomerFileError([`line ${error.lines}: ${error.message}`]);
    throw new CustomerFileError(['The file is not text in UTF-8.']);
  }
}

function headerErrors(columns: string[]): string[] {
  const missing = REQUIRED.filter((name) => !columns.includes(name)).map(
    (name) => `line 1: the column ${name} is missing`,
  );
  const unknown = columns
    .filter((name) => ![...REQUIRED, ...OPTIONAL].includes(name))
    .map((name) => `line 1: the column ${JSON.stringify(name)} is not known`);
  const twice = columns
    .filter((name, index) => columns.indexOf(name) !== index)
    .map((name) => `line 1: the column ${JSON.stringify(name)} is there twice`);
  return [...missing, ...unknown, ...twice];
}

function firstOf(faults: string[]): string[] {
  const rest = faults.length - MAX_ERRORS;
  return rest > 0 ? [...faults.slice(0, MAX_ERRORS), `and ${rest} more`] : faults;
}
