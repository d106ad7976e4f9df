import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { separatorError, separatorOf, useCommas } from './separator.ts';
import type { Customer, CustomerStore } from './store.ts';

/** The customers file is invalid; each error names its line. Nothing was imported. */
export class CustomerFileError extends Error {
  readonly errors: readonly string[];

  constructor(errors: readonly string[]) {
    super(['The customers file cannot be imported:', ...errors.map((fault) => `- ${fault}`)].join('\n'));
    this.name = 'CustomerFileError';
    this.errors = errors;
  }
}

/**
 * Imports a CSV file of customers: header `id,email,name`, optionally `freescout_customer_id`. Replaces customers with a
 * known id and keeps those that are not in the file. Throws CustomerFileError before anything is written.
 */
export async function importCustomers(
  customers: Pick<CustomerStore, 'upsert'>,
  file: Uint8Array,
): Promise<{ added: number; updated: number }> {
  return await customers.upsert(parseCustomers(file));
}

const REQUIRED = ['id', 'email', 'name'];
const OPTIONAL = ['freescout_customer_id'];
/** One wrong column makes one error per line; no more than this are listed. */
const MAX_ERRORS = 100;

const text = z
  .string()
  .trim()
  .min(1, 'is missing')
  .max(255, 'is longer than 255 characters')
  .regex(/^\P{Cc}*$/u, 'contains a control character');
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

/** A record and the line on which it ends; a quoted field may span several lines. */
const lineSchema = z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) });
type Line = z.output<typeof lineSchema>;

/** Parses a whole file in UTF-8, with or without a byte order mark. Throws CustomerFileError with all errors. */
export function parseCustomers(file: Uint8Array): Customer[] {
  const content = textOf(file);
  const [header, ...lines] = linesOf(content);
  const columns = (header?.record ?? []).map((name) => name.trim().toLowerCase());
  const headerFaults = headerErrors(columns);
  if (headerFaults.length > 0) {
    const otherSeparator = separatorError(content, header?.info.lines ?? 0);
    throw new CustomerFileError(otherSeparator === null ? headerFaults : [otherSeparator]);
  }

  const customers = new Map<string, Customer>();
  const errors: string[] = [];
  const lineOf = new Map<string, number>();
  for (const { record, info } of lines) {
    const report = (problem: string) => errors.push(`line ${info.lines}: ${problem}`);
    if (record.length !== columns.length) {
      const separator = record.length === 1 ? separatorOf(record[0] ?? '') : null;
      report(separator ? useCommas(separator) : `has ${record.length} fields, but the header has ${columns.length}`);
      continue;
    }
    const row = rowSchema.safeParse(Object.fromEntries(columns.map((name, index) => [name, record[index]])));
    if (!row.success) {
      for (const issue of row.error.issues) report(`${issue.path.join('.')} ${issue.message}`);
      continue;
    }
    const { id, email, name, freescout_customer_id: number } = row.data;
    const earlier = lineOf.get(id);
    if (earlier !== undefined) report(`id is the same as on line ${earlier}`);
    lineOf.set(id, info.lines);
    customers.set(id, { id, email, name, freescoutCustomerId: number ?? null });
  }
  if (errors.length > 0) throw new CustomerFileError(firstOf(errors));
  return [...customers.values()];
}

function textOf(file: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file);
  } catch {
    throw new CustomerFileError(['The file is not UTF-8 text.']);
  }
}

function linesOf(content: string): Line[] {
  try {
    return z.array(lineSchema).parse(parse(content, { info: true, relax_column_count: true, skip_empty_lines: true }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new CustomerFileError([
      separatorError(content, Number(error.lines)) ?? `line ${error.lines}: ${error.message}`,
    ]);
  }
}

function headerErrors(columns: string[]): string[] {
  const missing = REQUIRED.filter((name) => !columns.includes(name)).map(
    (name) => `line 1: the column ${name} is missing`,
  );
  const unknown = columns
    .filter((name) => ![...REQUIRED, ...OPTIONAL].includes(name))
    .map((name) => `line 1: the column ${JSON.stringify(name)} is unknown`);
  const duplicate = columns
    .filter((name, index) => columns.indexOf(name) !== index)
    .map((name) => `line 1: the column ${JSON.stringify(name)} appears twice`);
  return [...missing, ...unknown, ...duplicate];
}

function firstOf(errors: string[]): string[] {
  const rest = errors.length - MAX_ERRORS;
  return rest > 0 ? [...errors.slice(0, MAX_ERRORS), `and ${rest} more`] : errors;
}
