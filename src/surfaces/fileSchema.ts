import { z } from 'zod';
import { line, reopenWithin, storable, whole } from './fileFields.ts';
import { isOnce, isWeekly, maintenance } from './fileMaintenance.ts';
import { escalationSchema, notifySchema } from './fileNotify.ts';
import { sourcesSchema } from './fileSources.ts';

const severity = z.enum(['P1', 'P2', 'P3', 'none']).transform((value) => (value === 'none' ? null : value));
const httpStatus = z.int().min(100).max(599);

function isWebAddress(text: string): boolean {
  if (!/^https?:\/\/[^\s\\\p{C}]+$/iu.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

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
const caFile = line(1_000).nullable().default(null);
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
    ca_file: caFile,
    proxy: proxyAddress.nullable().default(null),
    tls_expiry_days: z.int().min(0).max(365).default(14),
    unstable_window: z.union([z.literal(0), z.int().min(4).max(100)]).default(10),
    retry_after_grace_seconds: z.int().min(0).max(86_400).default(600),
    failures_to_open: whole(100).default(2),
    successes_to_close: whole(100).default(2),
    severity: z.strictObject({ degraded: severity.prefault('P3'), down: severity.prefault('P1') }).prefault({}),
    reopen_within_minutes: reopenWithin.nullable().default(null),
    shadow: z.boolean().default(false),
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
    /** 0: off. null: that of the source, or REOPEN_WITHIN_MINUTES. */
    reopenWithinMinutes: read.reopen_within_minutes,
    dependsOn: read.depends_on,
    /** Alerts about it are decided and composed, and nothing is posted. */
    ...(read.shadow ? { shadow: true as const } : {}),
    /** Instants in ISO 8601, UTC; `from` null: already begun. */
    maintenance: read.maintenance.filter((window) => isOnce(window)),
    /** Apart from the others, since earlier releases take every window of the list for one with instants. */
    weeklyMaintenance: read.maintenance.filter((window) => isWeekly(window)),
  }));

/** A target is never slow: it answers before its timeout, or it does not. */
const target = z
  .strictObject({ ...targetFields, ca_file: caFile, proxy: proxyAddress.nullable().default(null) })
  .transform(({ url, timeout_ms, expect, ca_file, proxy }) => ({
    id: `self-check ${new URL(url).host}`,
    url,
    timeoutMs: timeout_ms,
    degradedAfterMs: timeout_ms,
    expect: { status: expect.status, bodyContains: expect.body_contains },
    // Left out if the file has neither, as in targets that an earlier release stored.
    ...(ca_file === null && proxy === null
      ? {}
      : { request: { method: 'GET' as const, headers: {}, body: null, basicAuth: null, caFile: ca_file, proxy } }),
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
    sources: sourcesSchema.default([]),
    notify: notifySchema.default([]),
    escalation: escalationSchema.default([]),
  })
  .transform(({ revision, surfaces, self_check, sources, notify, escalation }) => ({
    revision,
    surfaces,
    selfChecks: self_check,
    sources,
    notifications: { notify, escalation },
  }));

/** An address that shows whether we are offline ourselves. Survives JSON unchanged. */
export type SelfCheckTarget = z.output<typeof target>;

/** One surface of the file, with defaults. Survives JSON unchanged. */
export type SurfaceConfig = z.output<typeof surface>;
export type RequestSettings = SurfaceConfig['request'];
