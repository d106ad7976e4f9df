import { z } from 'zod';
import type { SuppressedAlerts } from '../../../model/alerts.ts';
import type { AuditPage, FlagState, Reconciliation } from '../../../model/operations.ts';
import { name } from '../openapiRegistry.ts';
import { at, details, searchedPage, severity } from './shapes.ts';

export const audit = name(
  'Audit',
  searchedPage(
    z.object({ id: z.string(), created_at: at, action: z.string(), payload: z.unknown(), actor: z.string() }),
  ),
) satisfies z.ZodType<AuditPage>;

export const flag = name(
  'Flag',
  z.object({
    name: z.string(),
    enabled: z.boolean(),
    forced_off: z.boolean(),
    changed_at: at.nullable(),
    changed_by: z.string().nullable(),
  }),
) satisfies z.ZodType<FlagState>;

const suppressedAlerts = name(
  'HeldAlerts',
  z.object({
    active: z.int(),
    ended: z.int(),
    rows: z.array(
      z.object({
        alert_key: z.string(),
        source: z.string(),
        episode: z.int(),
        severity,
        title: z.string(),
        surface_id: z.string().nullable(),
        since: at,
        reason: z.string(),
        state: z.enum(['active', 'ended']),
        held_at: at,
        ended_at: at.nullable(),
      }),
    ),
  }),
) satisfies z.ZodType<SuppressedAlerts>;

export const flags = name('Flags', z.object({ flags: z.array(flag), held: suppressedAlerts }));

export const reconciliation = name(
  'Reconciliation',
  z.object({
    last_run: z.object({ at, took_ms: z.int(), desk: z.string(), did: z.record(z.string(), z.int()) }).nullable(),
    standing: z.array(z.object({ kind: z.string(), details, found_at: at })),
    recent: z.array(z.object({ at, what: z.string(), details })),
  }),
) satisfies z.ZodType<Reconciliation>;

export const taken = name('Taken', z.object({ accepted: z.boolean() }));

/** As PagerDuty answers. */
export const storedEvent = name(
  'StoredEvent',
  z.object({ status: z.literal('success'), message: z.string(), dedup_key: z.string() }),
);

/** As Opsgenie answers. */
export const storedAlert = name(
  'StoredAlert',
  z.object({ result: z.string(), took: z.number(), requestId: z.string() }),
);

/** Some senders get an answer of their own. */
export const stored = name('Stored', z.union([taken, storedEvent, storedAlert]));

export const nothing = name('Empty', z.object({}));

export const alive = name('Alive', z.object({ status: z.literal('ok'), version: z.string() }));

export const readiness = name('Readiness', z.object({ ready: z.boolean(), checks: z.record(z.string(), z.string()) }));

export const problem = name(
  'Problem',
  z.object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      field: z.string().optional(),
      faults: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    }),
  }),
);
