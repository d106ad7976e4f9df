import type { EmissionInput, EmissionRemark } from '../../model/alerts.ts';
import { type ReadField, readAlertId, readInstant, readLabels, readLine, readText, readUrl } from './fields.ts';
import { readSeverity } from './severity.ts';

/** Reads one alert as a sender sent it. Only an alert without id, status or title is unusable. Pure. */

export type ReadEmission =
  | { alert: EmissionInput; isSeverityAssumed: boolean; warnings: Remark[] }
  | { rejected: Remark };

/** What was ignored, altered or missing, for the answer to the sender. */
export type Remark = Omit<EmissionRemark, 'index'>;

const STATUSES = ['firing', 'resolved'] as const;
const KNOWN_FIELDS = new Set([
  'alert_id',
  'severity',
  'status',
  'only_if_active',
  'title',
  'details',
  'url',
  'surface_id',
  'starts_at',
  'ends_at',
  'at',
  'labels',
]);
const MAX_UNKNOWN_NAMED = 10;

export function readEmission(sent: unknown): ReadEmission {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) {
    return rejected('alert', 'Expected an object');
  }
  const fields = sent as Record<string, unknown>;
  const warnings: Remark[] = [];
  const kept = <T>(field: string, { value, warning }: ReadField<T>): T | undefined => {
    if (warning !== undefined) warnings.push({ field, message: warning });
    return value ?? undefined;
  };

  const alertId = kept('alert_id', readAlertId(fields.alert_id, 255));
  if (alertId === undefined) return rejected('alert_id', 'Expected an id of 1 to 255 characters');
  const status = readStatus(fields.status);
  if (status === undefined) return rejected('status', 'Expected "firing" or "resolved"');
  const title = kept('title', readLine(fields.title, 500));
  // Nothing of a resolution depends on its title.
  if (title === undefined && status === 'firing') return rejected('title', 'Expected some text');

  const { severity, isQuiet, isAssumed } = readSeverity(fields.severity);
  const alert: EmissionInput = {
    alert_id: alertId,
    severity,
    status,
    title: title ?? alertId,
    ...optional({
      details: kept('details', readText(fields.details, 20_000)),
      url: kept('url', readUrl(fields.url, 2_048)),
      surface_id: readSurfaceId(fields.surface_id),
      starts_at: kept('starts_at', readInstant(fields.starts_at)),
      ends_at: kept('ends_at', readInstant(fields.ends_at)),
      at: kept('at', readInstant(fields.at)),
      labels: kept('labels', readLabels(fields.labels)),
      quiet: isQuiet || undefined,
      only_if_active: fields.only_if_active === true || undefined,
    }),
  };
  warnings.push(...unknownFields(fields));
  return { alert, isSeverityAssumed: isAssumed && status === 'firing', warnings };
}

const rejected = (field: string, message: string): ReadEmission => ({ rejected: { field, message } });

function readStatus(sent: unknown): EmissionInput['status'] | undefined {
  const word = typeof sent === 'string' ? sent.trim().toLowerCase() : '';
  return STATUSES.find((status) => status === word);
}

/** An id that no surface can have is kept, so that the answer says that there is no such surface. */
function readSurfaceId(sent: unknown): string | undefined {
  const { value } = readLine(sent, 200);
  return value ?? (sent === undefined || sent === null || sent === '' ? undefined : '?');
}

const optional = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;

export function unknownFields(fields: object, known: ReadonlySet<string> = KNOWN_FIELDS): Remark[] {
  const names = Object.keys(fields).filter((name) => !known.has(name));
  const named = names.slice(0, MAX_UNKNOWN_NAMED).map((name) => ({
    field: readLine(name, 100).value ?? '?',
    message: 'ignored: unknown field',
  }));
  const more = names.length - named.length;
  return more > 0 ? [...named, { field: '…', message: `ignored: ${more} more unknown fields` }] : named;
}
