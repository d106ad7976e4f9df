import { createHash } from 'node:crypto';
import type { EmissionInput } from '../model/alerts.ts';
import { alertKeyOf } from './emission.ts';
import type { ChurnGroup, ResolvedId, SeenId } from './idChurnStore.ts';
import { withoutMeasuredValues } from './measuredValues.ts';

/** What groups of changing ids mean for one batch of emissions. Pure. */

/** An id that is still sent after so many cycles is stable; an earlier repeat may be a retry of one request. */
const CYCLES_TO_STABLE = 1.5;

export interface Batch {
  source: string;
  alerts: readonly EmissionInput[];
  /** The ids of the firing alerts, by alert key; ids that are known to be stable are left out. */
  seen: ReadonlyMap<string, SeenId>;
  /** The ids of the resolved alerts, by alert key; ids that never fired are left out. */
  resolved: ReadonlyMap<string, ResolvedId>;
  /** By fingerprint. */
  groups: ReadonlyMap<string, ChurnGroup>;
}

/** Alerts with one headline have the same source, title and surface. */
export const headlineOf = (source: string, { title, surface_id }: EmissionInput): string =>
  digest(source, title, surface_id ?? null);

/** Alerts with one fingerprint may be one alert: a person could tell them apart by nothing but times and measured values. */
export const fingerprintOf = (source: string, alert: EmissionInput): string =>
  `${headlineOf(source, alert)}${SEPARATOR}${textDigestOf(alert, withoutMeasuredValues)}`;

const SEPARATOR = '.';
const headlineIn = (fingerprint: string): string => fingerprint.split(SEPARATOR)[0] ?? '';

/** What is shown of an alert besides its headline. */
export const textDigestOf = ({ details, url, labels }: EmissionInput, read = (text: string) => text): string =>
  digest(
    details === undefined ? null : read(details),
    url ?? null,
    Object.entries(labels ?? {}).map(([name, value]) => [name, read(value)]),
  );

const digest = (...parts: unknown[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** The fingerprints of a request for which there may be a group. */
export function mayBeGrouped(request: {
  seen: Batch['seen'];
  /** Of the recorded alerts. */
  fingerprints: readonly string[];
  resolved: Batch['resolved'];
}): string[] {
  const recorded = new Map([...request.seen.values()].map((id) => [id.fingerprint, id.is_grouped]));
  const maybe = request.fingerprints.filter((fingerprint) => recorded.get(fingerprint) !== false);
  return [...new Set([...maybe, ...[...request.resolved.values()].map(({ fingerprint }) => fingerprint)])];
}

/**
 * Fingerprints without a group of which several ids were sent only once: there may be a new group. The ids of one request
 * are no evidence, because they are of one cycle.
 */
export function fingerprintsToJudge({ seen, groups }: Pick<Batch, 'seen' | 'groups'>): string[] {
  const unrepeated = [...seen.values()].filter(
    ({ repeated, has_others, fingerprint }) => !repeated && has_others && !groups.has(fingerprint),
  );
  return [...new Set(unrepeated.map(({ fingerprint }) => fingerprint))];
}

/** The alerts of the batch, those of a group under the id of that group. */
export function withGroupIds(batch: Batch): EmissionInput[] {
  const { source, alerts } = batch;
  return alerts.map((alert) => {
    const alertKey = alertKeyOf(source, alert.alert_id);
    const group = alert.status === 'firing' ? groupOfFiring(batch, alert) : groupOfResolved(batch, alert);
    return !group || alertKey === group.alert_key ? alert : { ...alert, alert_id: group.alert_id };
  });
}

function groupOfFiring({ source, seen, groups }: Batch, alert: EmissionInput): ChurnGroup | undefined {
  const id = seen.get(alertKeyOf(source, alert.alert_id));
  if (!id) return undefined;
  const group = groups.get(id.fingerprint);
  return group && !isStable(id, group) ? group : undefined;
}

/** Details of a resolution are often others, so under an id that never fired it ends the only group with its headline. */
function groupOfResolved({ source, resolved, groups }: Batch, alert: EmissionInput): ChurnGroup | undefined {
  const known = resolved.get(alertKeyOf(source, alert.alert_id));
  if (known) return known.repeated ? undefined : groups.get(known.fingerprint);
  const headline = headlineOf(source, alert);
  const alike = [...groups.values()].filter(({ fingerprint }) => headlineIn(fingerprint) === headline);
  return groups.get(fingerprintOf(source, alert)) ?? (alike.length === 1 ? alike[0] : undefined);
}

/** Whether the sender has begun to repeat an id: its alerts are separate alerts again. */
export const hasStableId = (group: ChurnGroup, seen: Batch['seen']): boolean =>
  [...seen.values()].some((id) => id.fingerprint === group.fingerprint && isStable(id, group));

/** Whether one of the alerts resolves the group. */
export const isResolvedBy = (alerts: readonly EmissionInput[], source: string, group: ChurnGroup): boolean =>
  alerts.some(({ status, alert_id }) => status === 'resolved' && alertKeyOf(source, alert_id) === group.alert_key);

/** Alert keys whose ids the sender keeps. */
export function stableKeys({ seen, groups }: Pick<Batch, 'seen' | 'groups'>): string[] {
  return [...seen.values()].flatMap((id) => {
    const group = groups.get(id.fingerprint);
    return id.repeated && (!group || isStable(id, group)) ? [id.alert_key] : [];
  });
}

function isStable(id: SeenId, group: ChurnGroup): boolean {
  return id.alert_key !== group.alert_key && id.repeated && id.age_seconds >= CYCLES_TO_STABLE * group.cycle_seconds;
}
