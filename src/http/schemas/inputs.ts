import { z } from 'zod';
import { DENSITIES } from '../gridSections.ts';
import { cursor, instant, limit, line, search, sourceName, surfaceId, writtenReason } from './fields.ts';
import { name } from './openapiRegistry.ts';

export const noFields = name('Nothing', z.strictObject({}));

const text = z.string().nullish();

/**
 * What an alert may contain, for the API description. It is not checked here: an alert that cannot be used must not take
 * the others of its request with it.
 */
const emission = z.looseObject({
  alert_id: z.string(),
  severity: z.enum(['P1', 'P2', 'P3']).optional(),
  status: z.enum(['firing', 'resolved']),
  only_if_active: z.boolean().nullish(),
  title: z.string(),
  details: text,
  url: text,
  surface_id: text,
  starts_at: text,
  ends_at: text,
  at: text,
  labels: z.record(z.string(), z.string()).nullish(),
});

export const emissions = name(
  'Emissions',
  z.looseObject({
    source: sourceName,
    // The answer names each alert beyond the first 5,000, so that there is a limit for these too.
    alerts: z.array(z.unknown().meta(z.toJSONSchema(emission, { io: 'input' }))).max(10_000),
  }),
);

const resolving = z.strictObject({ reason: writtenReason });
export const resolveReason = name('ResolveReason', resolving);
/** `from`: the page with the form, which comes back. */
export const resolveForm = resolving.extend({ from: z.enum(['list', 'alert']).default('list') });

export const flagChange = name('FlagChange', z.strictObject({ enabled: z.boolean() }));

/** The same from a form, whose values are all text. */
export const flagForm = z
  .strictObject({ enabled: z.enum(['true', 'false']) })
  .transform(({ enabled }) => ({ enabled: enabled === 'true' }));

const inFuture = (until: Date) => until.getTime() > Date.now();

export const maintenanceWindow = name(
  'MaintenanceWindow',
  z.strictObject({ until: instant.refine(inFuture, 'Expected a time in the future'), reason: writtenReason }),
);

/** The page asks for a duration, so that the viewer's time zone does not matter. */
export const maintenanceForm = z
  .strictObject({ minutes: z.enum(['30', '60', '120', '240', '480', '1440']), reason: writtenReason })
  .transform(({ minutes, reason }) => ({ until: new Date(Date.now() + Number(minutes) * 60_000), reason }));

export const investigateForm = z.strictObject({ from: z.enum(['status', 'surface']).default('status') });

export const surfaceParams = z.object({ surface_id: surfaceId });
export const alertParams = z.object({ alert_key: line(400) });
export const customerParams = z.object({ id: line(200) });
export const flagParams = z.object({ name: line(100) });
export const actorParams = z.object({ actor_id: line(400) });
export const deadLetterParams = z.object({ id: line(400) });

const deadLetterFilter = {
  kind: z.enum(['ticket', 'tag', 'note', 'message', 'webhook']).optional(),
  reason: line(100).optional(),
};
export const deadLettersQuery = z.object({ ...deadLetterFilter, cursor, limit });
const MAX_REPLAYED = 100_000;
/** The caller confirms in `count` how many match, so that nobody replays more than they saw. */
export const deadLettersReplay = name(
  'DeadLettersReplay',
  z.strictObject({ ...deadLetterFilter, count: z.int().min(1).max(MAX_REPLAYED) }),
);
export const deadLettersReplayForm = z.strictObject({
  ...deadLetterFilter,
  count: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'Expected the number of matches')
    .transform(Number),
});
export const deadLetterChange = name('DeadLetterChange', z.strictObject({ payload: z.unknown() }));
/**
 * The page sends the payload as text, or its subject and body from fields of their own. What was typed is kept, so that
 * the page can show it again if it is not valid.
 */
export const deadLetterForm = z
  .strictObject({ payload: z.string() })
  .transform(({ payload: typed }) => {
    try {
      return { payload: JSON.parse(typed) as unknown, typed, parseError: null };
    } catch (error) {
      return { payload: null, typed, parseError: error instanceof Error ? error.message : String(error) };
    }
  })
  .or(
    z
      // An empty field counts as absent.
      .strictObject({ texts: z.literal('1'), subject: z.string().default(''), body: z.string().default('') })
      // Browsers send line breaks as CRLF.
      .transform(({ subject, body }) => ({ payload: null, texts: { subject, body: body.replaceAll('\r\n', '\n') } })),
  );
export const discardReason = name('DiscardReason', z.strictObject({ reason: writtenReason }));

/** An open page that needs more tiles than this fetches all of them. */
const MAX_TILES = 100;

export const statusQuery = z.object({
  status: z.enum(['DOWN', 'DEGRADED', 'UNKNOWN', 'MAINTENANCE', 'OPERATIONAL']).optional(),
  group: line(200).optional(),
  q: search,
  problems: z.enum(['1']).optional(),
  sort: z.enum(['worst', 'name']).default('worst'),
  /** Of the page; what the browser asked for last where it is left out. */
  density: z.enum(DENSITIES).optional(),
  /** From an open page: comma-separated ids of the tiles to send in full; `.` for none. */
  tiles: z
    .string()
    .transform((ids) => (ids === '.' ? [] : ids.split(',')))
    .pipe(z.array(surfaceId).max(MAX_TILES))
    .optional(),
  /** A cached grid from this time or later is enough; the value comes from the event stream. */
  as_of: z.iso.datetime().optional(),
});
export const eventsQuery = z.object({
  grid_since: z.iso.datetime().optional(),
  age_ms: z.coerce.number().int().min(0).max(86_400_000).optional(),
});

export const alertsQuery = z.object({
  state: z.enum(['firing', 'flapping', 'resolved']).optional(),
  severity: z.enum(['P1', 'P2', 'P3']).optional(),
  source: line(100).optional(),
  q: search,
  cursor,
  limit,
});
export const auditQuery = z.object({
  action: line(100).optional(),
  q: search,
  since: instant.optional(),
  cursor,
  limit,
});
export const actorsQuery = z.object({
  kind: line(50).optional(),
  state: line(100).optional(),
  q: search,
  cursor,
  limit,
});
export const signInQuery = z.object({ to: z.string().max(4_000).optional() });
export const beginQuery = signInQuery.extend({ as: z.enum(['somebody-else', 'again']).optional() });
export const sessionParams = z.object({ id: line(100) });
export const sessionsQuery = z.object({ cursor, limit });
export const weeklyQuery = z.object({ week: line(20).optional() });
/** `id`: leads to the tickets of this customer. */
export const customersQuery = z.object({ id: line(200).optional(), q: search, cursor, limit });
export const nothing = z.object({});
