import { createHash } from 'node:crypto';
import type { EmittedEvent } from '../../machines/alert/types.ts';
import { alertActor } from '../../machines/shared/actorId.ts';
import type { SuppressionReason, SurfaceEmission } from '../../machines/shared/protocol.ts';
import type { Message } from '../actors/messages.ts';
import type { EmissionInput } from '../model/alerts.ts';

/** Emissions of any source, normalised to messages for alert actors. Pure. */

/** The source of what surfaces emit. */
export const POLLER_SOURCE = 'status_poller';

/** `<source>:<first 16 characters of alert_id>`. */
export const alertKeyOf = (source: string, alertId: string): string =>
  `${source}:${[...alertId].slice(0, 16).join('')}`;

/** One identity for one outage, however long it lasts and whoever reports it: surface and instant of confirmation. */
export const outageAlertId = (surfaceId: string, confirmedAt: string): string =>
  createHash('sha256').update(`${surfaceId}\n${confirmedAt}`).digest('hex');

/** Why an alert gets no ticket of its own at this moment. */
export interface TicketSuppression {
  held: SuppressionReason | null;
  /** Alert keys of the outages that hold it, whose tickets name it. */
  under: string[];
}

export const NOT_SUPPRESSED: TicketSuppression = { held: null, under: [] };

/** What decides about tickets at the moment of an emission. */
export interface EmissionPolicy {
  autoTicket: boolean;
  /** What else holds the ticket back, of an alert of this source about this surface. */
  suppressionOf(source: string, surfaceId: string | null): TicketSuppression;
  flapMaxEpisodes: number;
  flapWindowMs: number;
}

type Facts = Omit<EmittedEvent, 'type' | 'held' | 'under' | 'auto' | 'flapMaxEpisodes' | 'flapWindowMs'>;

function message(
  source: string,
  facts: Facts,
  status: 'firing' | 'resolved',
  reason: string | null,
  policy: EmissionPolicy,
): Message {
  const to = alertActor(alertKeyOf(source, facts.alertId));
  if (status === 'resolved') return { to, event: { type: 'RESOLVED', alertId: facts.alertId, reason } };
  return {
    to,
    event: {
      type: 'EMITTED',
      ...facts,
      ...(policy.autoTicket ? policy.suppressionOf(source, facts.surfaceId) : { held: 'flag_off', under: [] }),
      flapMaxEpisodes: policy.flapMaxEpisodes,
      flapWindowMs: policy.flapWindowMs,
    },
  };
}

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
  return message(POLLER_SOURCE, facts, emission.status, emission.reason, policy);
}

export function fromSender(
  source: string,
  input: EmissionInput,
  surfaceName: string | null,
  policy: EmissionPolicy,
): Message {
  const facts: Facts = {
    alertId: input.alert_id,
    severity: input.severity,
    title: printable(input.title),
    details: input.details === undefined ? null : printable(input.details),
    url: input.url ?? null,
    surfaceId: input.surface_id ?? null,
    surfaceName,
  };
  return message(source, facts, input.status, null, policy);
}

/** A stranger's text without what neither the database nor a ticket can hold. */
const printable = (text: string): string => text.replace(/\p{Surrogate}|[^\P{Cc}\t\n\r]/gu, ' ');
