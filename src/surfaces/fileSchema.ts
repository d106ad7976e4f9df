// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the file refers to variables in this form
import { z } from 'zod';
import type { FieldPath, FileError, LineOf } from './fileErrors.ts';

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
  '': 'a map with the field surfaces and, if needed, self_check',
  revision: 'a whole number that is raised with each change, or leave it out',
  surfaces: 'a list of surfaces, each starting with "- id:"',
  'surfaces[]': 'a map with id, name and url',
  'surfaces[].id':
    '1 to 63 lower-case letters, digits and "-", starting with a letter or digit, in quotes where it is only digits',
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
  'surfaces[].depends_on': 'a list of at most 100 ids of other surfaces',
  'surfaces[].depends_on[]': 'the id of another surface',
  'surfaces[].maintenance':
    'a list of at most 100 windows, each with until and reason, from where it starts later, or every, from, until and timezone where it recurs',
  'surfaces[].maintenance[]':
    'a map with until and reason, from where it starts later, or every, from, until and timezone where it recurs',
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
};

/** The database stores neither U+0000 nor lone surrogates. */
const storable = z.string().refine((text) => !/\p{Surrogate}/u.test(text) && !text.includes('\u0000'));
const line = (max: number) =>
  storable
    .trim()
    .min(1)
    .max(max)
    .regex(/^\P{Cc}*$/u);
const whole = (max: number) => z.int().min(1).max(max);
const instant = z
  // Seconds are optional.
  .union([z.iso.datetime({ offset: true }), z.iso.datetime({ offset: true, precision: -1 })])
  .transform((text) => new Date(text).toISOString());
const severity = z.enum(['P1', 'P2', 'P3', 'none']).transform((value) => (value === 'none' ? null : value));
const httpStatus = z.int().min(100).max(599);

function isWebAddress(text: string): boolean {
  if (!/^https?:\/\/[^\s\\\p{C}]+$/iu.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const dayOfWeek = z.string().transform((text, ctx) => {
  const day = DAYS.findIndex((name) => name === text.toLowerCase() || name.slice(0, 3) === text.toLowerCase());
  if (day < 0) ctx.addIssue({ code: 'custom', message: 'not a day' });
  return day + 1;
});
const everyDay = z.literal('day').transform(() => DAYS.map((_, n) => n + 1));
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);
const timezone = z.string().refine(isTimeZone);

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** On some days of each week, by the clock of a time zone. */
const weekly = z
  .strictObject({
    every: z.union([everyDay, dayOfWeek.transform((day) => [day]), z.array(dayOfWeek).min(1).max(7)]),
    from: timeOfDay,
    until: timeOfDay,
    timezone,
    reason: line(500),
  })
  .refine(({ from, until }) => from !== until, { path: ['until'] })
  .transform(({ every, ...rest }) => ({ days: every, ...rest }));

const once = z
  .strictObject({ from: instant.nullable().default(null), until: instant, reason: line(500) })
  .refine(({ from, until }) => from === null || until > from, { path: ['until'] });

type Window = z.output<typeof once> | z.output<typeof weekly>;
const isWeekly = (window: Window): window is z.output<typeof weekly> => 'days' in window;
const isOnce = (window: Window): window is z.output<typeof once> => !isWeekly(window);

/** Each entry has the errors of the kind that it is. */
const maintenance = z.unknown().transform((entry, ctx) => {
  const read =
    typeof entry === 'object' && entry !== null && 'every' in entry ? weekly.safeParse(entry) : once.safeParse(entry);
  if (read.success) return read.data;
  for (const issue of read.error.issues) ctx.issues.push({ ...issue, input: entry } as z.core.$ZodRawIssue);
  return z.NEVER;
});

const targetFields = {
  url: z.string().max(2_048).refine(isWebAddress),
  timeout_ms: whole(60_000).default(5_000),
  expect: z
    .strictObject({
      status: z
        .tuple([httpStatus, httpStatus])
        .refine(([low, high]) => low <= high)
        .default([200, 299]),
      body_contains: storable.min(1).max(1_000).nullable().default(null),
    })
    .prefault({}),
};

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,200}$/);
/** An address, or one that is wholly a variable. */
const proxyAddress = z.string().refine((text) => /^https?:\/\/\S+$/.test(text) || /^\$\{\w+\}$/.test(text));
const basicAuth = z.strictObject({ username: line(200), password: line(1_000) });

const surface = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
    name: line(200),
    group: line(100).nullable().default(null),
    ...targetFields,
    degraded_after_ms: whole(60_000).default(2_000),
    interval_seconds: whole(86_400).nullable().default(null),
    method: z.enum(METHODS).default('GET'),
    headers: z.record(headerName, line(4_000)).default({}),
    body: storable.max(20_000).nullable().default(null),
    basic_auth: basicAuth.nullable().default(null),
    ca_file: line(1_000).nullable().default(null),
    proxy: proxyAddress.nullable().default(null),
    tls_expiry_days: z.int().min(0).max(365).default(14),
    unstable_window: z.union([z.literal(0), z.int().min(4).max(100)]).default(10),
    retry_after_grace_seconds: z.int().min(0).max(86_400).default(600),
    failures_to_open: whole(100).default(2),
    successes_to_close: whole(100).default(2),
    severity: z.strictObject({ degraded: severity.prefault('P3'), down: severity.prefault('P1') }).prefault({}),
    depends_on: z.array(z.string()).max(100).default([]),
    maintenance: z.array(maintenance).max(100).default([]),
  })
  .transform((read) => ({
    id: read.id,
    name: read.name,
    group: read.group,
    url: read.url,
    timeoutMs: read.timeout_ms,
    degradedAfterMs: read.degraded_after_ms,
    /** `status` is the lowest and the highest HTTP status that counts as up. */
    expect: { status: read.expect.status, bodyContains: read.expect.body_contains },
    /** null: POLL_INTERVAL_SECONDS. */
    intervalSeconds: read.interval_seconds,
    /** References to variables as they stand in the file; see secrets.ts. */
    request: {
      method: read.method,
      headers: read.headers,
      body: read.body,
      basicAuth: read.basic_auth,
      caFile: read.ca_file,
      proxy: read.proxy,
    },
    tlsExpiryDays: read.tls_expiry_days,
    unstableWindow: read.unstable_window,
    retryAfterGraceSeconds: read.retry_after_grace_seconds,
    failuresToOpen: read.failures_to_open,
    successesToClose: read.successes_to_close,
    /** null: no alert for that status. */
    severity: read.severity,
    dependsOn: read.depends_on,
    /** Instants in ISO 8601, UTC; `from` null: already begun. */
    maintenance: read.maintenance.filter((window) => isOnce(window)),
    /** Apart from the others, since earlier releases take every window of the list for one with instants. */
    weeklyMaintenance: read.maintenance.filter((window) => isWeekly(window)),
  }));

/** A target is never slow: it answers before its timeout, or it does not. */
const target = z.strictObject(targetFields).transform(({ url, timeout_ms, expect }) => ({
  id: `self-check ${new URL(url).host}`,
  url,
  timeoutMs: timeout_ms,
  degradedAfterMs: timeout_ms,
  expect: { status: expect.status, bodyContains: expect.body_contains },
}));

export const surfacesSchema = z
  .strictObject({
    revision: z
      .int()
      .min(0)
      .max(2 ** 53 - 1)
      .nullable()
      .default(null),
    surfaces: z.array(surface),
    self_check: z.array(target).max(10).default([]),
  })
  .transform(({ revision, surfaces, self_check }) => ({ revision, surfaces, selfChecks: self_check }));

/** An address that shows whether we are offline ourselves. Survives JSON unchanged. */
export type SelfCheckTarget = z.output<typeof target>;

/** One surface of the file, with defaults. Survives JSON unchanged. */
export type SurfaceConfig = z.output<typeof surface>;
export type RequestSettings = SurfaceConfig['request'];

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

/** `surfaces.3.expect.status` as `surfaces[].expect.status`; an entry of a status pair counts as the pair. */
const pattern = (path: FieldPath): string =>
  path
    .reduce<string>(
      (name, step) => (typeof step === 'number' ? `${name}[]` : name === '' ? step : `${name}.${step}`),
      '',
    )
    .replace(/status\[\]$/, 'status');

function fieldsOf(path: FieldPath): string[] {
  const map = pattern(path);
  const prefix = map === '' ? '' : `${map}.`;
  return Object.keys(HINTS)
    .filter((name) => name !== '' && name.startsWith(prefix) && /^\w+$/.test(name.slice(prefix.length)))
    .map((name) => name.slice(prefix.length));
}

/** Fields that may hold a password or a key, which would be logged. */
const MAY_BE_SECRET: ReadonlySet<string | number> = new Set(['url', 'proxy', 'headers', 'basic_auth', 'body']);

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
