import { createBudget } from '../lib/budget.ts';
import type { Log } from '../log/log.ts';
import type { Refuse } from '../model/people.ts';
import { clientNetwork } from '../net/clientNetwork.ts';

const MINUTE_MS = 60_000;
/** Of all networks together, so that an attacker with many addresses does not fill the log. */
const WARNINGS_PER_KIND = 20;

/**
 * Records refused requests, which anybody can cause: each is counted by its kind, and each network and kind gets one
 * WARNING a minute. Nothing is written to the database.
 */
export function createRefusals({ log, count }: { log: Log; count: Refuse }): Refuse {
  const perNetwork = createBudget({ allowed: 1, windowMs: MINUTE_MS });
  const perKind = createBudget({ allowed: WARNINGS_PER_KIND, windowMs: MINUTE_MS });
  return (kind, address, source) => {
    count(kind, address, source);
    const network = clientNetwork(address);
    const { passes, dropped } = perNetwork.take(`${kind} ${network}`);
    if (passes && perKind.take(kind).passes) {
      log.warn({ refusal: kind, network, unlogged: dropped }, 'requests refused');
    }
  };
}
