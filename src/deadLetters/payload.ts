import { isDeepStrictEqual } from 'node:util';
import { Problem } from '../lib/problem.ts';

/**
 * Checks a payload that a person edited. Texts may change; the shape, and the fields that identify the message, ticket or
 * alert, may not, because the code that sends the payloads of machines sends this one too.
 */

/** Fields that identify the payload. */
const FIXED = new Set([
  'id',
  'thread',
  'kind',
  'source',
  'what',
  'alertKey',
  'surfaceId',
  'filingId',
  'ticketId',
  'ticket',
  'count',
  'waiting',
]);
/** Fields that may be null and may be filled in. */
const MAY_BE_NULL = new Set(['details', 'url', 'surfaceName', 'reason']);
const INSTANTS = new Set(['since', 'at']);
const SEVERITIES = ['P1', 'P2', 'P3'];
/** Texts in a list or a headline. */
const ONE_LINE = new Set(['subject', 'title', 'surfaceName', 'name', 'reason', 'url', 'problem']);
const LONGEST_LINE = 500;
const LONGEST_TEXT = 20_000;
/** With the marker in front, this is as much as FreeScout shows. */
const LONGEST_SUBJECT = 180;

/** Throws Problem `invalid_field` that names the first faulty field by its path. */
export function checkPayload(before: unknown, after: unknown): void {
  same(before, after, 'payload');
}

function same(before: unknown, after: unknown, path: string): void {
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (FIXED.has(name)) {
    if (!isDeepStrictEqual(before, after)) throw fault(path, 'This must stay as it is');
  } else if (typeof after === 'string' && (typeof before === 'string' || (before === null && MAY_BE_NULL.has(name)))) {
    text(name, after, path);
  } else if (Array.isArray(before)) {
    list(before, after, path);
  } else if (isRecord(before)) {
    record(before, after, path);
  } else if (after === null && MAY_BE_NULL.has(name)) {
    return;
  } else if (typeof before !== typeof after || (before === null) !== (after === null)) {
    throw fault(path, `Expected ${before === null ? 'null' : `a ${typeof before}`}`);
  }
}

function record(before: Record<string, unknown>, after: unknown, path: string): void {
  if (!isRecord(after)) throw fault(path, 'Expected an object');
  for (const field of Object.keys(after)) {
    if (!Object.hasOwn(before, field)) throw fault(`${path}.${field}`, 'There is no such field');
  }
  for (const [field, value] of Object.entries(before)) {
    if (!Object.hasOwn(after, field)) throw fault(`${path}.${field}`, 'This field is missing');
    same(value, after[field], `${path}.${field}`);
  }
}

/** The entries are counted elsewhere, so none may be added or removed. */
function list(before: unknown[], after: unknown, path: string): void {
  if (!Array.isArray(after) || after.length !== before.length) throw fault(path, `Expected a list of ${before.length}`);
  for (const [at, value] of before.entries()) same(value, after[at], `${path}.${at}`);
}

function text(name: string, value: string, path: string): void {
  const longest = name === 'subject' ? LONGEST_SUBJECT : ONE_LINE.has(name) ? LONGEST_LINE : LONGEST_TEXT;
  if (value.trim() === '') throw fault(path, 'Expected some text');
  if ([...value].length > longest) throw fault(path, `Expected at most ${longest} characters`);
  if (/\p{Cs}/u.test(value) || (ONE_LINE.has(name) ? /\p{Cc}/u : /[^\P{Cc}\n\t]/u).test(value))
    throw fault(path, 'Control characters are not allowed');
  if (name === 'severity' && !SEVERITIES.includes(value)) throw fault(path, `Expected ${SEVERITIES.join(', ')}`);
  if (name === 'status' && !/^[A-Z]{1,20}$/.test(value)) throw fault(path, 'Expected a status');
  if (name === 'url' && !isWebAddress(value)) throw fault(path, 'Expected an address that begins with http');
  if (INSTANTS.has(name) && !isInstant(value)) throw fault(path, 'Expected an instant such as 2026-05-05T14:30:00Z');
}

const isInstant = (value: string): boolean =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value) && !Number.isNaN(new Date(value).getTime());

const isWebAddress = (value: string): boolean => /^https?:\/\//i.test(value) && URL.canParse(value);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fault = (field: string, reason: string): Problem =>
  new Problem('invalid_field', `${field}: ${reason}.`, { field });

const LONGEST_SHOWN = 300;

/** Changed fields by path: `{"body.title": {"from", "to"}}`. Long texts are cut. */
export function changes(before: unknown, after: unknown, path = ''): Record<string, { from: unknown; to: unknown }> {
  if (isRecord(before) && isRecord(after)) {
    const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return Object.assign(
      {},
      ...fields.map((field) => changes(before[field], after[field], path === '' ? field : `${path}.${field}`)),
    );
  }
  if (Array.isArray(before) && Array.isArray(after))
    return Object.assign({}, ...before.map((value, at) => changes(value, after[at], `${path}.${at}`)));
  return before === after ? {} : { [path]: { from: cut(before), to: cut(after) } };
}

const cut = (value: unknown): unknown =>
  typeof value === 'string' && value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : (value ?? null);
