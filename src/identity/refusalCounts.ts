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

/** Those of them from one source. */
export interface CountedOfSource extends Omit<Counted, 'network'> {
  source: string;
}

export interface RefusalCounts {
  count: Refuse;
  /** Stores what was counted since the last time. What cannot be stored is kept for the next time. */
  flush(): Promise<void>;
}

/** Of each kind and between two flushes, so that many addresses cannot fill the memory. The others count in the total. */
const MAX_NETWORKS = 50;
/** The same for sources. Only those that may send are counted, so that these are all but in an unusual installation. */
const MAX_SOURCES = 1_000;

interface Times {
  times: number;
  at: number;
}

type Tally = Map<string, Times>;

interface OfKind {
  total: Times;
  networks: Tally;
  sources: Tally;
}

/** Beyond `max` names, new ones are left out. */
function addTo(tally: Tally, name: string, { times, at }: Times, max: number): void {
  const known = tally.get(name);
  if (known === undefined && tally.size >= max) return;
  tally.set(name, { times: (known?.times ?? 0) + times, at: Math.max(known?.at ?? at, at) });
}

/**
 * Counts refusals in memory and stores them together now and then: an attack of any size costs one statement a flush. Each
 * kind has places of its own, so that a flood of one kind does not hide another.
 */
export function createRefusalCounts({
  store,
  log,
  now = () => performance.now(),
}: {
  store: (counted: readonly Counted[], ofSources: readonly CountedOfSource[]) => Promise<void>;
  log: Log;
  /** A monotonic clock in milliseconds. */
  now?: () => number;
}): RefusalCounts {
  let kinds = new Map<RefusalKind, OfKind>();

  function ofKind(kind: RefusalKind): OfKind {
    const counts = kinds.get(kind) ?? { total: { times: 0, at: 0 }, networks: new Map(), sources: new Map() };
    kinds.set(kind, counts);
    return counts;
  }

  function addToTotal(kind: RefusalKind, { times, at }: Times): void {
    const { total } = ofKind(kind);
    Object.assign(total, { times: total.times + times, at: Math.max(total.at, at) });
  }

  const addNetwork = (kind: RefusalKind, network: string, times: Times): void =>
    addTo(ofKind(kind).networks, network, times, MAX_NETWORKS);
  const addSource = (kind: RefusalKind, source: string, times: Times): void =>
    addTo(ofKind(kind).sources, source, times, MAX_SOURCES);

  return {
    count(kind, address, source = null) {
      const once = { times: 1, at: now() };
      addToTotal(kind, once);
      addNetwork(kind, clientNetwork(address), once);
      if (source !== null) addSource(kind, source, once);
    },
    async flush() {
      if (kinds.size === 0) return;
      const taken = [...kinds];
      kinds = new Map();
      const aged = ({ times, at }: Times) => ({ times, ageMs: now() - at });
      const counted = taken.flatMap(([kind, { total, networks }]): Counted[] => [
        { kind, network: null, ...aged(total) },
        ...[...networks].map(([network, each]) => ({ kind, network, ...aged(each) })),
      ]);
      const ofSources = taken.flatMap(([kind, { sources }]) =>
        [...sources].map(([source, each]): CountedOfSource => ({ kind, source, ...aged(each) })),
      );
      try {
        await store(counted, ofSources);
      } catch (error) {
        for (const [kind, { total, networks, sources }] of taken) {
          addToTotal(kind, total);
          for (const [network, each] of networks) addNetwork(kind, network, each);
          for (const [source, each] of sources) addSource(kind, source, each);
        }
        log.warn({ err: error }, 'counts of refused requests could not be stored; will retry');
      }
    },
  };
}
