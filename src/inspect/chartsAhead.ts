import type { AnyStateMachine } from 'xstate';
import type { Chart } from './chart.ts';

/** The page that the person has just asked for comes first. */
const AFTER_MS = 1_000;

/**
 * Lays out all charts in the background when a person first views any page, so that the pages with charts need not wait,
 * and a process without readers lays out none. Call on each page.
 */
export function createChartsAhead(
  chart: Pick<Chart, 'warm'>,
  machines: readonly AnyStateMachine[],
  onError: (error: unknown) => void,
): () => void {
  let isDue = true;
  return () => {
    if (!isDue) return;
    isDue = false;
    setTimeout(() => chart.warm(machines).catch(onError), AFTER_MS).unref();
  };
}
