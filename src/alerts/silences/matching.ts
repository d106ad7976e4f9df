import type { FilingRequest } from '../../../machines/shared/protocol.ts';
import type { Silenced, SilenceMatchers } from '../../model/silences.ts';
import { fitsPattern } from './pattern.ts';

/** Which alerts a silence is about. Pure. */

/** What a silence looks at. An umbrella ticket is about a source only. */
export interface SilenceSubject {
  alertKey: string | null;
  source: string;
  surfaceId: string | null;
  labels?: Record<string, string> | null | undefined;
}

export interface ActiveSilence extends Silenced {
  matchers: SilenceMatchers;
}

/** The silence that lasts longest of those that match; null if none does. `silences` begin with that which ends last. */
export const silenceOf = (silences: readonly ActiveSilence[], subject: SilenceSubject): ActiveSilence | null =>
  silences.find(({ matchers }) => matches(matchers, subject)) ?? null;

export function matches(matchers: SilenceMatchers, subject: SilenceSubject): boolean {
  const { source, surface_id, alert_key, labels = {} } = matchers;
  return (
    fits(source, subject.source) &&
    fits(surface_id, subject.surfaceId) &&
    fits(alert_key, subject.alertKey) &&
    Object.entries(labels).every(([name, pattern]) => fits(pattern, ownLabel(subject, name)))
  );
}

/** What an alert does not have fits no pattern. */
const fits = (pattern: string | undefined, text: string | null): boolean =>
  pattern === undefined || (text !== null && fitsPattern(pattern, text));

const ownLabel = ({ labels }: SilenceSubject, name: string): string | null =>
  labels && Object.hasOwn(labels, name) ? (labels[name] ?? null) : null;

/** Null for a click, which no silence concerns. */
export function subjectOfRequest(request: FilingRequest): SilenceSubject | null {
  if (request.path === 'investigate') return null;
  if (request.path === 'umbrella') return { alertKey: null, source: request.source, surfaceId: null };
  const { alertKey, source, surfaceId, labels } = request;
  return { alertKey, source, surfaceId, labels };
}

export const asSilenced = ({ id, until, reason, by }: ActiveSilence): Silenced => ({ id, until, reason, by });
