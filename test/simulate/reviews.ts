import type { AlertContext } from '../../machines/alert/types.ts';
import type { Message } from '../../src/actors/messages.ts';
import type { Calls } from './calls.ts';
import type { Clock } from './clock.ts';
import type { Holds } from './holds.ts';
import type { createJobs } from './jobs.ts';
import type { Tables } from './tables.ts';

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

  const isHeldBack = ({ id, snapshot }: { id: string; snapshot: { value: unknown; context: unknown } }): boolean =>
    id.startsWith('alert:') &&
    (snapshot.value as { ticket?: unknown }).ticket === 'heldBack' &&
    tables.held.get(`${id.slice('alert:'.length)} ${(snapshot.context as AlertContext).episode}`) === true;

  function review(): void {
    if (tables.flag.at(-1)?.on !== true) return;
    const changed = [...tables.actors.values()].filter(isHeldBack).flatMap(({ id, snapshot }) => {
      const { active, held, under, surfaceId } = snapshot.context as AlertContext;
      const now = holds.of(surfaceId);
      const isSame = held === now.held && (under ?? []).join() === now.under.join();
      return active && !isSame ? [{ to: id, event: { type: 'HOLD_REVIEWED', ...now } }] : [];
    });
    if (changed.length > 0) deliver(changed);
  }

  function next(): void {
    // Without a suppressed alert the job would change nothing.
    if ([...tables.actors.values()].some(isHeldBack)) jobs.add((worker) => calls.write(worker, review), 0);
    clock.in(EVERY_MS, null, next);
  }
  clock.in(EVERY_MS, null, next);
}
