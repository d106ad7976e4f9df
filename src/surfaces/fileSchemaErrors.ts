// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the file refers to variables in this form
import type { z } from 'zod';
import type { FieldPath, FileError, LineOf } from './fileErrors.ts';
import { NOTIFY_HINTS } from './fileNotify.ts';
import { SOURCE_HINTS } from './fileSources.ts';

/** Hints for the fields that a surface and a self-check target share. */
const TARGET_HINTS: Record<string, string> = {
  url: 'an address that starts with http:// or https://, without user name and password',
  timeout_ms: 'whole milliseconds from 1 to 60000, e.g. 5000',
  expect: 'a map with status, body_contains or both',
  'expect.status': 'the lowest and the highest HTTP status that counts as up, e.g. [200, 299]',
  'expect.body_contains': 'a text of 1 to 1000 characters, or leave it out',
};
const targetHints = (list: string): Record<string, string> =>
  Object.fromEntries(Object.entries(TARGET_HINTS).map(([field, hint]) => [`${list}[].${field}`, hint]));

/** What to write in each field. The fields of a map are the entries that start with its name. */
const HINTS: Record<string, string> = {
  '': 'a map with the field surfaces and, if needed, self_check, sources, notify and escalation',
  revision: 'a whole number that is raised with each change, or leave it out',
  surfaces: 'a list of surfaces, each starting with "- id:"',
  'surfaces[]': 'a map with id, name and url',
  'surfaces[].id':
    '1 to 63 lower-case letters, digits and "-", starting with a letter or digit, in quotes if it has only digits',
  'surfaces[].name': 'a text of 1 to 200 characters on one line',
  'surfaces[].group': 'a text of 1 to 100 characters on one line, or leave it out',
  ...targetHints('surfaces'),
  'surfaces[].degraded_after_ms': 'whole milliseconds from 1 to 60000, e.g. 2000',
  'surfaces[].interval_seconds': 'whole seconds from 1 to 86400, e.g. 60, or leave it out',
  'surfaces[].method': 'GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS',
  'surfaces[].headers': 'a map of header names and texts, such as X-Api-Key: ${API_KEY}',
  'surfaces[].body': 'a text of at most 20000 characters, or leave it out',
  'surfaces[].basic_auth': 'a map with username and password, such as password: ${API_PASSWORD}',
  'surfaces[].basic_auth.username': 'a text of 1 to 200 characters on one line',
  'surfaces[].basic_auth.password': 'a text of 1 to 1000 characters on one line, such as ${API_PASSWORD}',
  'surfaces[].ca_file': 'the path of a PEM file, or leave it out',
  'surfaces[].proxy': 'an address that starts with http:// or https://, such as http://proxy.example.com:3128',
  'surfaces[].tls_expiry_days': 'whole days from 1 to 365, or 0 for no alert, e.g. 14',
  'surfaces[].unstable_window': 'a number of checks from 4 to 100, or 0 for never, e.g. 10',
  'surfaces[].retry_after_grace_seconds': 'whole seconds from 0 to 86400, e.g. 600',
  'surfaces[].failures_to_open': 'a whole number from 1 to 100, e.g. 2',
  'surfaces[].successes_to_close': 'a whole number from 1 to 100, e.g. 2',
  'surfaces[].severity': 'a map with degraded, down or both',
  'surfaces[].severity.degraded': 'P1, P2, P3, or none for no alert',
  'surfaces[].severity.down': 'P1, P2, P3, or none for no alert',
  'surfaces[].reopen_within_minutes': 'whole minutes from 0 (off) to 10080, e.g. 30, or leave it out',
  'surfaces[].shadow': 'true if nothing about its alerts is posted, or leave it out',
  'surfaces[].depends_on': 'a list of at most 100 ids of other surfaces',
  'surfaces[].depends_on[]': 'the id of another surface',
  'surfaces[].maintenance':
    'a list of at most 100 windows, each with until and reason, and from if it starts later; or with every, from, until, timezone and reason if it recurs',
  'surfaces[].maintenance[]':
    'a map with until and reason, and from if it starts later; or with every, from, until, timezone and reason if it recurs',
  'surfaces[].maintenance[].from':
    'a time with its zone, e.g. 2026-05-05T22:00:00Z; with every, a time of day in quotes, e.g. "02:00"',
  'surfaces[].maintenance[].until':
    'a time with its zone after from, e.g. 2026-05-06T02:00:00Z; with every, a time of day in quotes, e.g. "04:00"',
  'surfaces[].maintenance[].every':
    'day, a day of the week such as sunday, or a list of them such as [saturday, sunday]',
  'surfaces[].maintenance[].timezone': 'the name of a time zone, e.g. Europe/Berlin',
  'surfaces[].maintenance[].reason': 'a text of 1 to 500 characters',
  self_check: 'a list of at most 10 targets, each with url',
  'self_check[]': 'a map with url',
  ...targetHints('self_check'),
  ...SOURCE_HINTS,
  ...NOTIFY_HINTS,
};

/** The errors that the schema found, each with its line and what to write instead. */
export function schemaErrors(issues: readonly z.core.$ZodIssue[], data: unknown, lineOf: LineOf): FileError[] {
  return issues.flatMap((issue) => {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    if (issue.code === 'unrecognized_keys') {
      const known = fieldsOf(path).join(', ');
      return issue.keys.map((key) =>
        fileError([...path, key], `is not a field of the file; write one of ${known}`, lineOf),
      );
    }
    return [
      fileError(path, `${found(path, data)}; write ${HINTS[pattern(path)] ?? 'it as the documentation shows'}`, lineOf),
    ];
  });
}

const fileError = (path: FieldPath, problem: string, lineOf: LineOf): FileError => ({
  line: lineOf(path),
  field: path.join('.') || 'surfaces',
  problem,
});

/** `surfaces.3.expect.status` as `surfaces[].expect.status`; an entry of a pair, or of a map of free words, counts as the whole. */
const pattern = (path: FieldPath): string =>
  path
    .reduce<string>(
      (name, step) => (typeof step === 'number' ? `${name}[]` : name === '' ? step : `${name}.${step}`),
      '',
    )
    .replace(/status\[\]$/, 'status')
    .replace(/^(sources\[\]\.(?:severity|surfaces))\..*$/s, '$1');

function fieldsOf(path: FieldPath): string[] {
  const map = pattern(path);
  const prefix = map === '' ? '' : `${map}.`;
  return Object.keys(HINTS)
    .filter((name) => name !== '' && name.startsWith(prefix) && /^\w+$/.test(name.slice(prefix.length)))
    .map((name) => name.slice(prefix.length));
}

/** Fields that may hold a password or a key, which would be logged. */
const MAY_BE_SECRET: ReadonlySet<string | number> = new Set([
  'url',
  'proxy',
  'headers',
  'basic_auth',
  'body',
  'token_env',
]);

function found(path: FieldPath, data: unknown): string {
  let value = data;
  for (const step of path) {
    value = typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[step] : undefined;
  }
  if (value === undefined) return 'is missing';
  if (value === null) return 'is empty';
  // A URL may contain a password, and the sentence is logged.
  if (typeof value === 'object' || path.some((step) => MAY_BE_SECRET.has(step))) return 'cannot be used as it is';
  const shown = JSON.stringify(value);
  return `cannot be ${shown.length > 80 ? `${shown.slice(0, 79)}…` : shown}`;
}
