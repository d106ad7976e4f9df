import { instantOf } from '../shared/protocol.ts';
import type { AlertContext, EmittedEvent } from './types.ts';

/** What an emission says about the alert, and the rules for it: the newest facts count, and only the severity keeps its highest value. Pure. */

type Change = Partial<AlertContext>;

/** So many changes of the title are announced within an hour: some senders put the current value into it. */
const MAX_ANNOUNCED = 5;
const ANNOUNCED_WITHIN_MS = 3_600_000;

const latestFacts = (event: EmittedEvent): Change => ({
  title: event.title,
  details: event.details,
  url: event.url,
  surfaceId: event.surfaceId,
  surfaceName: event.surfaceName,
  labels: event.labels ?? null,
  latestSeverity: event.severity,
  escalateAfterMs: event.escalateAfterMs ?? null,
});

export const factsOf = (event: EmittedEvent): Change => ({
  ...latestFacts(event),
  severity: event.severity,
  quiet: event.quiet === true,
});

/**
 * If several ids share the key, the facts are those of the first one. They are those of its newest emission, in whatever
 * order its emissions arrive.
 */
export const isAboutFacts = ({ ids }: AlertContext, { alertId, late }: EmittedEvent): boolean =>
  late !== true && (ids.length === 0 || ids[0] === alertId);

export function factsChange(context: AlertContext, event: EmittedEvent): boolean {
  if (!isAboutFacts(context, event)) return false;
  const known: Change = {
    ...context,
    labels: context.labels ?? null,
    latestSeverity: latestSeverity(context),
    escalateAfterMs: context.escalateAfterMs ?? null,
  };
  return Object.entries(latestFacts(event)).some(([name, value]) => differs(known[name as keyof AlertContext], value));
}

/** As JSON, in which facts are stored. Nearly all facts are texts, which are compared as they are. */
const differs = (one: unknown, other: unknown): boolean =>
  one !== other && JSON.stringify(one) !== JSON.stringify(other);

export const factsUpdated = (event: EmittedEvent): Change => latestFacts(event);

/** Whether the new title is to be announced. */
export function isRetitled(context: AlertContext, event: EmittedEvent): boolean {
  if (!isAboutFacts(context, event) || context.title === event.title) return false;
  const from = Date.parse(instantOf(event)) - ANNOUNCED_WITHIN_MS;
  return (context.retitled ?? []).filter((at) => Date.parse(at) > from).length < MAX_ANNOUNCED;
}

export const retitled = (context: AlertContext, event: EmittedEvent): Change => ({
  ...factsUpdated(event),
  retitled: [...(context.retitled ?? []), instantOf(event)].slice(-MAX_ANNOUNCED),
});

export const latestSeverity = ({ latestSeverity, severity }: AlertContext): AlertContext['severity'] =>
  latestSeverity ?? severity;
