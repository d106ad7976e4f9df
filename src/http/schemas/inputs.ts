import { z } from 'zod';
import {
  cursor,
  foreignLine,
  foreignText,
  instant,
  limit,
  line,
  search,
  sourceName,
  surfaceId,
  words,
} from './fields.ts';
import { name } from './openapiRegistry.ts';

export const noFields = name('Nothing', z.strictObject({}));

const emission = z.strictObject({
  alert_id: line(255),
  severity: z.enum(['P1', 'P2', 'P3']),
  status: z.enum(['firing', 'resolved']),
  title: foreignLine(500),
  details: foreignText(20_000).optional(),
  url: line(2_048).optional(),
  surface_id: surfaceId.optional(),
});

export const emissions = name(
  'Emissions',
  z.strictObject({ source: sourceName, alerts: z.array(emission).max(5_000) }),
);

export const flagChange = name('FlagChange', z.strictObject({ enabled: z.boolean() }));

/** The same from a form, where everything is text. */
export const flagForm = z
  .strictObject({ enabled: z.enum(['true', 'false']) })
  .transform(({ enabled }) => ({ enabled: enabled === 'true' }));

const inFuture = (until: Date) => until.getTime() > Date.now();

export const maintenanceWindow = name(
  'MaintenanceWindow',
  z.strictObject({ until: instant.refine(inFuture, 'Expected an instant that is still to come'), reason: words(500) }),
);

/** The page asks for how long, which nobody gets wrong by a time zone. */
export const maintenanceForm = z
  .strictObject({ minutes: z.enum(['30', '60', '120', '240', '480', '1440']), reason: words(500) })
  .transform(({ minutes, reason }) => ({ until: new Date(Date.now() + Number(minutes) * 60_000), reason }));

export const investigateForm = z.strictObject({ from: z.enum(['status', 'surface']).default('status') });

export const surfaceParams = z.object({ surface_id: surfaceId });
export const customerParams = z.object({ id: line(200) });
export const flagParams = z.object({ name: line(100) });
export const actorParams = z.object({ actor_id: line(400) });
export const deadLetterParams = z.object({ id: line(400) });

const letterFilter = { kind: z.enum(['ticket', 'tag', 'note', 'message']).optional(), reason: line(100).optional() };
export const deadLettersQuery = z.object({ ...letterFilter, cursor, limit });
const MOST_LETTERS = 100_000;
/** `count` asks back how many fit, so that nobody sends more than they saw. */
export const deadLettersReplay = name(
  'DeadLettersReplay',
  z.strictObject({ ...letterFilter, count: z.int().min(1).max(MOST_LETTERS) }),
);
export const deadLettersReplayForm = z.strictObject({
  ...letterFilter,
  count: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'Expected how many there are')
    .transform(Number),
});
export const deadLetterChange = name('DeadLetterChange', z.strictObject({ payload: z.unknown() }));
/** The page sends the payload as the text that stood in its field, and shows that text again where it will not do. */
export const deadLetterForm = z.strictObject({ payload: z.string() }).transform(({ payload: typed }) => {
  try {
    return { payload: JSON.parse(typed) as unknown, typed, fault: null };
  } catch (error) {
    return { payload: null, typed, fault: error instanceof Error ? error.message : 'This is not JSON' };
  }
});
export const discardReason = name('DiscardReason', z.strictObject({ reason: words(500) }));

/** So many tiles are asked for by name; beyond that a page fetches all. */
const MOST_TILES = 100;

export const statusQuery = z.object({
  status: z.enum(['DOWN', 'DEGRADED', 'UNKNOWN', 'MAINTENANCE', 'OPERATIONAL']).optional(),
  group: line(200).optional(),
  q: search,
  problems: z.enum(['1']).optional(),
  sort: z.enum(['worst', 'name']).default('worst'),
  /** For a page that is shown already: the ids of the tiles to send in full, with commas between. */
  tiles: z
    .string()
    .transform((ids) => ids.split(','))
    .pipe(z.array(surfaceId).max(MOST_TILES))
    .optional(),
  /** The instant of a look that will do, as the live link named it. */
  as_of: z.iso.datetime().optional(),
});
export const eventsQuery = z.object({ grid_since: z.iso.datetime().optional() });

export const alertsQuery = z.object({
  state: z.enum(['firing', 'flapping', 'resolved']).optional(),
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
export const beginQuery = signInQuery.extend({ as: z.enum(['somebody-else']).optional() });
export const sessionParams = z.object({ id: line(100) });
export const sessionsQuery = z.object({ cursor, limit });
export const customerLookup = z.object({ id: line(200).optional() });
export const nothing = z.object({});
