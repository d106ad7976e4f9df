import type { Suppression, SuppressionReason } from '../shared/protocol.ts';
import { isAboutFacts } from './facts.ts';
import type { AlertContext, EmittedEvent, HoldReviewedEvent } from './types.ts';

/** Suppression: what holds a ticket back for now, and the records of it. Pure. */

type Change = Partial<AlertContext>;

/** What says whether something suppresses the ticket now. */
export type Decisive = EmittedEvent | HoldReviewedEvent;

/** An emission of an older release has `auto` in place of `held`. */
export const suppressionOf = (event: Decisive): Pick<AlertContext, 'held' | 'under'> => ({
  held: event.held === undefined && 'auto' in event && event.auto === false ? 'flag_off' : (event.held ?? null),
  under: event.under ?? [],
});

export function suppressionChanges(context: AlertContext, event: Decisive): boolean {
  // By their surfaces and labels, one of several ids under the key may be suppressed and another not.
  if (event.type === 'EMITTED' && !isAboutFacts(context, event)) return false;
  const { held, under } = suppressionOf(event);
  // Shadow mode is decided at the filing, so that its ticket is composed. An emission does not say whether it lasts.
  if (context.held === 'shadow' && held === null && event.type === 'EMITTED') return false;
  return held !== context.held || under.join() !== context.under.join();
}

/** A review found a silence that no emission spoke of. */
export const silenceBegins = (context: AlertContext, { held }: HoldReviewedEvent): boolean =>
  held === 'silenced' && context.held !== 'silenced';

export const suppressedFor = (reason: string): Change => ({ held: reason as SuppressionReason });

export const holdBegins = (context: AlertContext): Suppression[] => record(context, context.held, null);
export const holdEnds = (context: AlertContext, over: 'released' | 'ended'): Suppression[] =>
  record(context, null, over);

function record(context: AlertContext, reason: Suppression['reason'], over: Suppression['over']): Suppression[] {
  const { alertKey, source, episode, severity, title, surfaceId, since } = context;
  return [{ alertKey, source, episode, severity, title, surfaceId, since, reason, over }];
}
