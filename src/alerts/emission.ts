import { createHash } from 'node:crypto';
import type { EmittedEvent } from '../../machines/alert/types.ts';
import { alertActor } from '../../machines/shared/actorId.ts';
import type { SuppressionReason, SurfaceEmission } from '../../machines/shared/protocol.ts';
import type { Message } from '../actors/messages.ts';
import type { EmissionInput } from '../model/alerts.ts';
import type { SilenceSubject } from './silences/matching.ts';

/** Turns emissions of any source into messages for alert actors. Pure. */

/** The source of alerts that our own surface checks emit. */
export const POLLER_SOURCE = 'status_poller';

/** `<source>:<first 16 characters of alert_id>`. */
export const alertKeyOf = (source: string, alertId: string): string => `${source}:${beginningOf(alertId)}`;

const KEY_CHARACTERS = 16;
const SURROGATE = /[\ud800-\udfff]/;

/** Counted in characters, of which those with surrogates take two units. Most ids have none, and need not be taken apart. */
function beginningOf(alertId: string): string {
  if (alertId.length <= KEY_CHARACTERS) return alertId;
  const units = alertId.slice(0, KEY_CHARACTERS);
  return SURROGATE.test(units) ? [...alertId].slice(0, KEY_CHARACTERS).join('') : units;
}

/** The alert id of an outage: lower-case hex SHA-256 of the surface id and the instant of confirmation (ISO 8601). */
export const outageAlertId = (surfaceId: string, confirmedAt: string): string =>
  createHash('sha256').update(`${surfaceId}\n${confirmedAt}`).digest('hex');

/** The key of that alert in SQL; the arguments are SQL expressions. */
export const outageAlertKeySql = (surfaceId: string, confirmedAt: string): string =>
  `'${POLLER_SOURCE}:' || left(encode(sha256(convert_to(${surfaceId} || E'\\n' || ${confirmedAt}, 'UTF8')), 'hex'), 16)`;

/** Whether, and why, an alert gets no ticket of its own at this moment. */
export interface TicketSuppression {
  held: SuppressionReason | null;
  /** Alert keys of the upstream outages whose tickets list this alert. */
  under: string[];
}

export const NOT_SUPPRESSED: TicketSuppression = { held: null, under: [] };
export const BY_SILENCE: TicketSuppression = { held: 'silenced', under: [] };
export const BY_FLAG: TicketSuppression = { held: 'flag_off', under: [] };

/** Settings and suppressions at the moment of an emission. */
export interface EmissionPolicy {
  autoTicket: boolean;
  isSilenced(subject: SilenceSubject): boolean;
  /** Suppression besides the flag and silences, for an alert of this source about this surface. */
  suppressionOf(source: string, surfaceId: string | null): TicketSuppression;
  flapMaxEpisodes: number;
  flapWindowMs: number;
  /** How soon after the last one an episode continues its ticket, 0 if none does; `ofSurface` as in the surfaces file. */
  reopenWithinMs(source: string, ofSurface: number | null): number;
  /** How long the ticket of a P1 of this source may be unassigned until somebody else is told; null: for ever. */
  escalateAfterMs(source: string): number | null;
}

type Facts = Omit<
  EmittedEvent,
  'type' | 'held' | 'under' | 'auto' | 'flapMaxEpisodes' | 'flapWindowMs' | 'reopenWithinMs' | 'escalateAfterMs'
>;

/** What the source found out itself about flapping. */
interface Flapping {
  holdMs: number;
}

function message(
  source: string,
  facts: Facts,
  status: 'firing' | 'resolved',
  reason: string | null,
  policy: EmissionPolicy,
  { reopenWithinMs, flapping = null, final }: { reopenWithinMs: number; flapping?: Flapping | null; final?: true },
): Message {
  const alertKey = alertKeyOf(source, facts.alertId);
  const to = alertActor(alertKey);
  const escalateAfterMs = policy.escalateAfterMs(source);
  if (status === 'resolved')
    return { to, event: { type: 'RESOLVED', alertId: facts.alertId, reason, ...(final && { final }) } };
  return {
    to,
    event: {
      type: 'EMITTED',
      ...facts,
      ...suppressionBy(policy, { alertKey, source, surfaceId: facts.surfaceId, labels: facts.labels }),
      flapMaxEpisodes: policy.flapMaxEpisodes,
      flapWindowMs: flapping ? flapping.holdMs : policy.flapWindowMs,
      ...(reopenWithinMs > 0 && { reopenWithinMs }),
      ...(escalateAfterMs !== null && { escalateAfterMs }),
      ...(flapping && { flapping: true }),
    },
  };
}

/** A silence comes first, since it holds messages back too. */
function suppressionBy(policy: EmissionPolicy, subject: SilenceSubject): TicketSuppression {
  if (policy.isSilenced(subject)) return BY_SILENCE;
  return policy.autoTicket ? policy.suppressionOf(subject.source, subject.surfaceId) : BY_FLAG;
}

/** The message for an alert that a surface emits. */
export function fromSurface(emission: SurfaceEmission, policy: EmissionPolicy): Message {
  const facts: Facts = {
    alertId: outageAlertId(emission.surfaceId, emission.confirmedAt),
    severity: emission.severity,
    title: emission.title,
    details: emission.details,
    url: null,
    surfaceId: emission.surfaceId,
    surfaceName: emission.surfaceName,
  };
  const flapping = emission.flapHoldMs === undefined ? null : { holdMs: emission.flapHoldMs };
  // The surface itself knows how long, since it decides which alert its outage belongs to.
  const { reopenWithinMs = 0, final } = emission;
  const more = { reopenWithinMs, flapping, ...(final && { final }) };
  return message(POLLER_SOURCE, facts, emission.status, emission.reason, policy, more);
}

/** What an alert of a sender needs of the surface that it names. */
export interface NamedSurface {
  name: string;
  /** Minutes, as in the surfaces file. */
  reopenWithin: number | null;
}

/** The message for an alert that a sender posted; `surface` null if it names none. `late`: the sender sent a newer one before. */
export function fromSender(
  source: string,
  input: EmissionInput & { late?: true },
  surface: NamedSurface | null,
  policy: EmissionPolicy,
): Message {
  const facts: Facts = {
    alertId: input.alert_id,
    severity: input.severity,
    title: printable(input.title),
    details: input.details === undefined ? null : printable(input.details),
    url: input.url ?? null,
    surfaceId: input.surface_id ?? null,
    surfaceName: surface?.name ?? null,
    ...(input.labels ? { labels: input.labels } : {}),
    ...(input.quiet ? { quiet: true } : {}),
    ...(input.late ? { late: true as const } : {}),
    ...(input.only_if_active ? { onlyIfActive: true as const } : {}),
  };
  const reopenWithinMs = policy.reopenWithinMs(source, surface?.reopenWithin ?? null);
  return message(source, facts, input.status, null, policy, { reopenWithinMs });
}

/** Replaces control characters and lone surrogates, which neither the database nor a ticket can store. */
const printable = (text: string): string => text.replace(/\p{Surrogate}|[^\P{Cc}\t\n\r]/gu, ' ');
