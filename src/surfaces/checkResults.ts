import type { Pool } from 'pg';
import type { Also, Deliver } from '../actors/deliver.ts';
import type { Delivered } from '../actors/messages.ts';
import { togetherOrEach } from '../db/contention.ts';
import { groupBy } from '../lib/groupBy.ts';
import type { Log } from '../log/log.ts';
import { recordChecks } from './checks.ts';
import { type CheckedSurface, type CheckPolicy, checkedEvent } from './pollerEvents.ts';
import { newlyFailing, recheckUpstream } from './recheckUpstream.ts';
import type { Schedule } from './schedule.ts';
import type { SelfCheck } from './selfCheck.ts';

/** Checks that have ended: stores their results, and delivers them to the actors of their surfaces. */
export interface CheckResults {
  add(result: CheckedSurface): void;
  /** How many are not stored and delivered yet. */
  waiting(): number;
  /** Stores and delivers those that have arrived. One call at a time. */
  process(): Promise<void>;
}

export interface CheckResultsDeps {
  pool: Pool;
  deliver: Deliver;
  schedule: Pick<Schedule, 'stillListed' | 'reschedule'>;
  selfCheck: SelfCheck | undefined;
  /** Read for each delivery. */
  policy?: (() => Promise<CheckPolicy>) | undefined;
  log: Log;
  onChecked?: ((outcome: string) => void) | undefined;
  /** Writes more in the transaction in which check results change an actor. */
  also: Also;
  /** Called with the result of each delivery, including results that changed nothing. */
  onDelivered?: ((delivered: Delivered[]) => Promise<void>) | undefined;
}

export function createCheckResults(deps: CheckResultsDeps): CheckResults {
  const { pool, deliver, schedule, selfCheck, log } = deps;
  const results: CheckedSurface[] = [];

  /** A result that another transaction holds up is tried again together with the next results. */
  async function recordAndDeliver(all: CheckedSurface[]): Promise<void> {
    const fresh = all.filter(({ stored }) => !stored);
    const locked = new Set(
      await togetherOrEach(fresh, (some) =>
        recordChecks(
          pool,
          some.map(({ check }) => check),
        ),
      ),
    );
    results.unshift(...locked);
    const batch = all.filter((each) => !locked.has(each));
    for (const { check, stored } of batch) if (!stored) deps.onChecked?.(check.outcome);
    const { delivered, undelivered } = await deliverChecks(batch);
    results.unshift(...undelivered.map((each) => ({ ...each, stored: true })));
    await deps.onDelivered?.(delivered);
    await recheckUpstream(pool, newlyFailing(batch, delivered));
  }

  /** Delivers all together, or those of each surface alone where another transaction holds one of them. */
  async function deliverChecks(batch: CheckedSurface[]) {
    const policy = (await deps.policy?.()) ?? {};
    const delivered: Delivered[] = [];
    const left = await togetherOrEach(bySurface(batch), async (some, lockMs) => {
      const events = some.flat().map((each) => checkedEvent(each, policy));
      delivered.push(...(await deliver(events, deps.also, undefined, lockMs)));
    });
    if (left.length > 0) {
      log.warn({ surfaces: left.length }, 'checks not delivered because another transaction holds their surfaces');
    }
    return { delivered, undelivered: left.flat() };
  }

  return {
    add: (result) => void results.push(result),
    waiting: () => results.length,
    async process() {
      if (results.length === 0) return;
      const batch = await schedule.stillListed(results.splice(0));
      // While we are offline ourselves, neither failures nor recoveries count.
      const count = (await selfCheck?.resultsCount(batch.map(({ check }) => check.outcome))) ?? true;
      if (count) await recordAndDeliver(batch);
      // A surface that is locked keeps the later time of its claim.
      await togetherOrEach(batch, (some) => schedule.reschedule(some));
    },
  };
}

/** The results of each surface, in their order. Those that were held up before come last, where they hold up no others. */
function bySurface(batch: readonly CheckedSurface[]): CheckedSurface[][] {
  const groups = groupBy(batch, ({ surface }) => surface.id);
  const wasHeld = (group: readonly CheckedSurface[]) => Number(group.some(({ stored }) => stored === true));
  return [...groups.values()].sort((one, other) => wasHeld(one) - wasHeld(other));
}
