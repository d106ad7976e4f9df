import type { AlertContext } from '../../machines/alert/types.ts';
import type { Message } from '../../src/actors/messages.ts';
import { BY_FLAG, BY_SILENCE, type TicketSuppression } from '../../src/alerts/emission.ts';
import { silenceOf } from '../../src/alerts/silences/matching.ts';
import type { Calls } from './calls.ts';
import type { Clock } from './clock.ts';
import type { Holds } from './holds.ts';
import type { createJobs } from './jobs.ts';
import type { ActorRow, Tables } from './tables.ts';

const EVERY_MS = 30_000;

/** Decides again about suppressed alerts, by the rules of `src/alerts/reviewSuppressed.ts`, with tables in memory. */
export function startReviews(deps: {
  clock: Clock;
  tables: Tables;
  holds: Holds;
  calls: Calls;
  jobs: ReturnType<typeof createJobs>;
  deliver: (messages: Message[]) => void;
  /** False: nothing is decided again. */
  reviews: boolean;
}): void {
  const { clock, tables, holds, calls, jobs, deliver, reviews } = deps;
  if (!reviews) return;

  const isHeldBack = ({ id, snapshot }: ActorRow): boolean =>
    (snapshot.value as { ticket?: unknown }).ticket === 'heldBack' &&
    tables.held.get(`${id.slice('alert:'.length)} ${(snapshot.context as AlertContext).episode}`) === true;

  const isSilenced = ({ alertKey, source, surfaceId }: AlertContext): boolean =>
    silenceOf(holds.silences(), { alertKey, source, surfaceId }) !== null;

  /** Alerts that are held back, that are silenced, or that a silence matches by now. */
  const toReview = (): ActorRow[] =>
    [...tables.actors.values()].filter((row) => {
      if (!row.id.startsWith('alert:')) return false;
      const context = row.snapshot.context as AlertContext;
      return context.active && (isHeldBack(row) || context.held === 'silenced' || isSilenced(context));
    });

  /** What suppresses the alert now; null if it stays as it is. */
  function reviewed(context: AlertContext): TicketSuppression | null {
    if (isSilenced(context)) return BY_SILENCE;
    if (tables.flag.at(-1)?.on !== true) return context.held === 'silenced' ? BY_FLAG : null;
    return holds.of(context.surfaceId);
  }

  function review(): void {
    const changed = toReview().flatMap(({ id, snapshot }) => {
      const context = snapshot.context as AlertContext;
      const now = reviewed(context);
      return now === null || isSame(context, now) ? [] : [{ to: id, event: { type: 'HOLD_REVIEWED', ...now } }];
    });
    if (changed.length > 0) deliver(changed);
  }

  function next(): void {
    // Without such an alert the job would change nothing.
    if (toReview().length > 0) jobs.add((worker) => calls.write(worker, review), 0);
    clock.in(EVERY_MS, null, next);
  }
  clock.in(EVERY_MS, null, next);
}

const isSame = ({ held, under }: AlertContext, now: TicketSuppression): boolean =>
  held === now.held && under.join() === now.under.join();
