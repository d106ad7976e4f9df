import { z } from 'zod';
import type * as services from '../services.ts';
import { name } from './registry.ts';

/** What the API answers with. `satisfies` holds each shape to what the services hand over. */

const at = z.string().meta({ format: 'date-time' });
const status = z.enum(['OPERATIONAL', 'DEGRADED', 'DOWN', 'MAINTENANCE', 'UNKNOWN']);
const severity = z.enum(['P1', 'P2', 'P3']);

const ticketState = name(
  'Ticket',
  z.object({
    id: z.int(),
    url: z.string(),
    filed_at: at,
    status: z.string().nullable(),
    assignee: z.string().nullable(),
    last_reply_at: at.nullable(),
    looked_at: at.nullable(),
    shared_with: z.int().nullable(),
  }),
);

const tileFields = {
  id: z.string(),
  name: z.string(),
  group: z.string().nullable(),
  status,
  since: at.nullable(),
  was: status.nullable(),
  ticket: ticketState.nullable(),
  recovered_ticket_open: z.boolean(),
  recovered_ticket: ticketState.nullable(),
  last_check: z.object({ at, latency_ms: z.number().nullable(), error: z.string().nullable() }).nullable(),
  recent: z.array(z.number().nullable()),
  days: z.object({ letters: z.string(), uptime: z.number().nullable(), known: z.int() }),
};

export const board = name(
  'Board',
  z.object({
    surfaces: z.array(z.object(tileFields)),
    counts: z.record(status, z.int()),
    recovered_with_open_ticket: z.int(),
    generated_at: at,
  }),
) satisfies z.ZodType<services.Board>;

const alert = name(
  'Alert',
  z.object({
    alert_key: z.string(),
    source: z.string(),
    state: z.enum(['firing', 'flapping', 'resolved']),
    severity,
    title: z.string(),
    surface_id: z.string().nullable(),
    url: z.string().nullable(),
    since: at,
    last_seen_at: at.nullable(),
    silent_since: at.nullable(),
    collision: z.boolean(),
    episode: z.int(),
    ticket: ticketState.nullable(),
    no_ticket_reason: z.string().nullable(),
  }),
) satisfies z.ZodType<services.AlertRow>;

const history = z.object({
  at,
  event: z.string(),
  event_id: z.string().nullable(),
  from: z.unknown(),
  to: z.unknown(),
});

export const surfaceStory = name(
  'SurfaceStory',
  z.object({
    ...tileFields,
    url: z.string(),
    maintenance: z.object({ until: at, reason: z.string(), by: z.string() }).nullable(),
    tickets: z.array(
      z.object({
        ...ticketState.shape,
        path: z.enum(['investigate', 'alert', 'umbrella']),
        subject: z.string(),
        joined_at: at.nullable(),
      }),
    ),
    alerts: z.array(alert),
    outages: z.array(
      z.object({ began_at: at.nullable(), ended_at: at.nullable(), worst: z.enum(['DEGRADED', 'DOWN']) }),
    ),
    day_counts: z.array(
      z.object({
        day: z.string(),
        operational: z.int(),
        degraded: z.int(),
        down: z.int(),
        maintenance: z.int(),
      }),
    ),
    checks: z.array(
      z.object({
        at,
        outcome: z.string(),
        latency_ms: z.number().nullable(),
        http_status: z.int().nullable(),
        error: z.string().nullable(),
      }),
    ),
    history: z.array(history),
  }),
) satisfies z.ZodType<services.SurfaceStory>;

export const investigation = name(
  'Investigation',
  z.discriminatedUnion('degraded', [
    z.object({
      surface_id: z.string(),
      status,
      ticket_id: z.int(),
      ticket_url: z.string(),
      idempotent: z.boolean(),
      degraded: z.literal(false),
    }),
    z.object({ surface_id: z.string(), status, degraded: z.literal(true), reason: z.string(), message: z.string() }),
  ]),
) satisfies z.ZodType<services.InvestigateAnswer>;

export const maintenance = name(
  'Maintenance',
  z.object({
    surface_id: z.string(),
    maintenance: z.object({ until: at, reason: z.string(), by: z.string() }).nullable(),
  }),
);

const page = <T extends z.ZodType>(row: T) => z.object({ rows: z.array(row), next_cursor: z.string().nullable() });

export const alerts = name('Alerts', page(alert)) satisfies z.ZodType<services.Page<services.AlertRow>>;

export const audit = name(
  'Audit',
  page(z.object({ id: z.string(), created_at: at, action: z.string(), payload: z.unknown(), actor: z.string() })),
) satisfies z.ZodType<services.Page<services.AuditRow>>;

export const flag = name(
  'Flag',
  z.object({
    name: z.string(),
    enabled: z.boolean(),
    forced_off: z.boolean(),
    changed_at: at.nullable(),
    changed_by: z.string().nullable(),
  }),
) satisfies z.ZodType<services.FlagState>;
const held = name(
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
) satisfies z.ZodType<services.HeldAlerts>;
export const flags = name('Flags', z.object({ flags: z.array(flag), held }));

const customerTicket = z.object({
  id: z.int(),
  url: z.string(),
  subject: z.string(),
  status: z.string(),
  created_at: at,
  updated_at: at,
});
export const customer = name(
  'CustomerTickets',
  z.object({
    customer: z.object({ id: z.string(), name: z.string(), email: z.string() }),
    open: z.array(customerTicket),
    recent: z.array(customerTicket),
    degraded: z.boolean(),
  }),
) satisfies z.ZodType<services.CustomerView>;

const actorFields = {
  id: z.string(),
  kind: z.string(),
  version: z.int(),
  rev: z.int(),
  state: z.unknown(),
  parked: z.string().nullable(),
  updated_at: at,
};
export const actors = name('Actors', page(z.object(actorFields))) satisfies z.ZodType<
  services.Page<services.ActorSummary>
>;

const effect = z.object({
  id: z.string(),
  src: z.string(),
  status: z.string(),
  attempts: z.int(),
  created_at: at,
  error: z.unknown(),
});
export const actor = name(
  'Actor',
  z.object({
    ...actorFields,
    machine: z.string(),
    context: z.unknown(),
    next_events: z.array(z.string()),
    timers: z.array(z.object({ id: z.string(), event: z.string(), due_at: at })),
    effects: z.array(effect),
    history: z.array(history),
  }),
) satisfies z.ZodType<Omit<services.ActorDetail, 'chart_svg'>>;

export const deadLetter = name(
  'DeadLetter',
  z.object({
    id: z.string(),
    actor_id: z.string(),
    src: z.string(),
    kind: z.string(),
    reason: z.string(),
    input: z.unknown(),
    payload: z.unknown(),
    edited: z.boolean(),
    attempts: z.int(),
    error: z.unknown(),
    history: z.unknown(),
    finished_at: at,
  }),
) satisfies z.ZodType<services.DeadLetter>;
export const deadLetters = name('DeadLetters', page(deadLetter).extend({ total: z.int() })) satisfies z.ZodType<
  services.Page<services.DeadLetter>
>;
export const bulkReplay = name(
  'BulkReplay',
  z.object({ replayed: z.int(), refused: z.array(z.object({ id: z.string(), message: z.string() })) }),
) satisfies z.ZodType<services.BulkReplay>;
export const discarded = name('Discarded', z.object({ id: z.string(), discarded: z.literal(true) }));
export const replayed = name('Replayed', z.object({ id: z.string(), replayed: z.literal(true) }));

const details = z.record(z.string(), z.unknown());
export const reconciliation = name(
  'Reconciliation',
  z.object({
    last_run: z.object({ at, took_ms: z.int(), desk: z.string(), did: z.record(z.string(), z.int()) }).nullable(),
    standing: z.array(z.object({ kind: z.string(), details, found_at: at })),
    recent: z.array(z.object({ at, what: z.string(), details })),
  }),
) satisfies z.ZodType<services.Reconciliation>;

export const accepted = name(
  'Accepted',
  z.object({
    accepted: z.int(),
    alerts: z.array(z.object({ alert_key: z.string(), state: z.string(), collision: z.literal(true).optional() })),
  }),
);
export const taken = name('Taken', z.object({ accepted: z.boolean() }));
export const alive = name('Alive', z.object({ status: z.literal('ok') }));
export const readiness = name('Readiness', z.object({ ready: z.boolean(), checks: z.record(z.string(), z.string()) }));
export const sessions = name(
  'Sessions',
  page(
    z.object({
      id: z.string(),
      name: z.string(),
      subject: z.string(),
      role: z.enum(['viewer', 'operator', 'admin']),
      address: z.string().nullable(),
      user_agent: z.string().nullable(),
      signed_in_at: at,
      last_used_at: at,
      expires_at: at,
    }),
  ),
) satisfies z.ZodType<services.Page<services.SessionRow>>;

export const revoked = name('Revoked', z.object({ id: z.string(), revoked: z.literal(true) }));

export const signIn = name(
  'SignIn',
  z.object({
    provider: z.string(),
    available: z.boolean(),
    trouble: z.string().nullable(),
    start: z.string(),
    signed_in_as: z.string().nullable(),
  }),
);

export const signedOut = name(
  'SignedOut',
  z.object({ signed_out: z.literal(true), provider: z.string(), provider_sign_out: z.string().nullable() }),
);

export const problem = name(
  'Problem',
  z.object({ error: z.object({ code: z.string(), message: z.string(), field: z.string().optional() }) }),
);
