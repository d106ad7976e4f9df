/** Repairs and reports of a run; also the last part of the audit action. */
export const OUTCOMES = [
  'effect_requeued',
  'effect_restarted',
  'timer_requeued',
  'timer_restarted',
  'inbox_requeued',
  'alert_reconsidered',
  'intent_closed',
  'ticket_adopted',
  'tags_restored',
  'tags_left_off',
  'twin_found',
  'actor_parked',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** How far the comparison with the help desk came. */
export type DeskLook =
  | 'looked'
  /** There was more than fits into one run; the next run continues. */
  | 'cut_short'
  /** The help desk counts as failing, so it was not called. */
  | 'failing'
  | 'failed'
  | 'not_configured';

/** Counts what a run did; `note` is called after each commit. */
export interface Tally {
  note(what: Outcome, times?: number): void;
  counts(): Partial<Record<Outcome, number>>;
}

export function createTally(onDone: (what: Outcome, times: number) => void): Tally {
  const counted = new Map<Outcome, number>();
  return {
    note(what, times = 1) {
      if (times === 0) return;
      counted.set(what, (counted.get(what) ?? 0) + times);
      onDone(what, times);
    },
    counts: () => Object.fromEntries(counted),
  };
}

export const actionOf = (what: Outcome): string => `console.reconcile.${what}`;

export const auditRow = (what: Outcome, payload: Record<string, unknown>) => ({
  action: actionOf(what),
  payload,
  actor: 'reconciler',
});
