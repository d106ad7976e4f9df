import type { Log } from '../log/log.ts';
import type { RefusalKind, Refuse } from '../model/people.ts';
import { clientNetwork } from '../net/clientNetwork.ts';

/** Refusals of one kind since the last flush, or those of them from one network. */
export interface Counted {
  kind: RefusalKind;
  /** null: of all networks together. */
  network: string | null;
  times: number;
  /** How long ago the last one was. */
  ageMs: number;
}

export interface RefusalCounts {
  count: Refuse;
  /** Stores what was counted since the last time. What cannot be stored is kept for the next time. */
  flush(): Promise<void>;
}

/** Of each kind and between two flushes, so that many addresses cannot fill the memory. The others count in the total. */
const MAX_NETWORKS = 50;

type Tally = Map<string, { times: number; at: number }>;

/**
 * Counts refusals in memory and stores them together now and then: an attack of any size costs one statement a flush. Each
 * kind has places of its own, so that a flood of one kind does not hide another.
 */
export function createRefusalCounts({
  store,
  log,
  now = () => performance.now(),
}: {
  store: (counted: readonly Counted[]) => Promise<void>;
  log: Log;
  /** A monotonic clock in milliseconds. */
  now?: () => number;
}): RefusalCounts {
  let kinds = new Map<RefusalKind, { total: { times: number; at: number }; networks: Tally }>();

  function add(kind: RefusalKind, network: string | null, times: number, at: number): void {
    const counts = kinds.get(kind) ?? { total: { times: 0, at }, networks: new Map() };
    kinds.set(kind, counts);
    if (network === null) {
      counts.total = { times: counts.total.times + times, at: Math.max(counts.total.at, at) };
      return;
    }
    const known = counts.networks.get(network);
    if (known === undefined && counts.networks.size >= MAX_NETWORKS) return;
    counts.networks.set(network, { times: (known?.times ?? 0) + times, at: Math.max(known?.at ?? at, at) });
  }

  return {
    count(kind, address) {
      const at = now();
      add(kind, null, 1, at);
      add(kind, clientNetwork(address), 1, at);
    },
    async flush() {
      if (kinds.size === 0) return;
      const taken = kinds;
      kinds = new Map();
      const counted = [...taken].flatMap(([kind, { total, networks }]) => [
        { kind, network: null, times: total.times, ageMs: now() - total.at },
        ...[...networks].map(([network, { times, at }]) => ({ kind, network, times, ageMs: now() - at })),
      ]);
      try {
        await store(counted);
      } catch (error) {
        for (const { kind, network, times, ageMs } of counted) add(kind, network, times, now() - ageMs);
        log.warn({ err: error }, 'counts of refused requests could not be stored; will retry');
      }
    },
  };
}
