import { withTimeout } from '../lib/withTimeout.ts';
import { createQuery, type Found, inOrder, NameError, type QueryOptions } from './nameQuery.ts';
import { type Address, asAddress, type Resolve } from './resolve.ts';
import { createSystemNames, type SystemNames } from './systemNames.ts';

/**
 * Resolves names without getaddrinfo, which blocks one of a few threads for as long as a name server is silent, so that two
 * names without an answer would delay every other connection of the process.
 */
export interface Names {
  /** All addresses of a name, those of IPv4 first; an address is its own. Rejects with {@link NameError}. */
  resolve: Resolve;
  /** Whether the name servers have been asked for a name and have not answered yet. */
  isResolving(name: string): boolean;
  /** Gives up what is being resolved, so that the process can end. */
  close(): void;
}

export interface NamesOptions extends QueryOptions {
  system?: SystemNames;
  /** Milliseconds on a monotonic clock. */
  now?: () => number;
}

/** How long a caller waits for the name servers. */
const PATIENCE_MS = 5_000;
/** How long it waits if an older answer can be used instead. */
const PATIENCE_WITH_STALE_MS = 1_000;
/** How long an answer is used after it expired, while the name servers fail. */
const STALE_MS = 600_000;
const ABSENT_MS = 5_000;
const FAILED_MS = 2_000;
/** The oldest name is dropped beyond that, so that a file that keeps changing does not fill the memory. */
const MAX_NAMES = 5_000;

interface Known {
  addresses: Address[];
  freshUntil: number;
  /** Until when the addresses of a family are used while the name servers fail. */
  usableUntil: ReadonlyMap<number, number>;
}

const usable = (entry: Known | undefined, at: number): Address[] =>
  entry?.addresses.filter(({ family }) => at < (entry.usableUntil.get(family) ?? 0)) ?? [];

/** A family without an answer keeps its earlier addresses, which are used no longer for that. */
function knownAfter({ addresses, ttlMs, unanswered }: Found, earlier: Known | undefined, at: number): Known {
  const freshUntil = at + ttlMs;
  const until = (family: number) =>
    unanswered.includes(family) ? (earlier?.usableUntil.get(family) ?? 0) : freshUntil + STALE_MS;
  const kept = usable(earlier, at).filter(({ family }) => unanswered.includes(family));
  return {
    addresses: inOrder([...addresses, ...kept]),
    freshUntil,
    usableUntil: new Map([4, 6].map((family) => [family, until(family)])),
  };
}

export function createNames(options: NamesOptions = {}): Names {
  const { system = createSystemNames(), now = () => performance.now() } = options;
  const query = createQuery(system, options);
  const known = new Map<string, Known>();
  const failed = new Map<string, { error: NameError; until: number }>();
  const running = new Map<string, { since: number; found: Promise<Address[]> }>();

  /** Only one query for a name runs at a time; it continues after its callers timed out, and its answer serves later ones. */
  function ask(name: string) {
    const existing = running.get(name);
    if (existing) return existing;
    const found = query.ask(name).then(
      (answer) => {
        failed.delete(name);
        const entry = knownAfter(answer, known.get(name), now());
        remember(known, name, entry);
        return entry.addresses;
      },
      (error: NameError) => {
        if (error.isAbsent) known.delete(name);
        remember(failed, name, { error, until: now() + (error.isAbsent ? ABSENT_MS : FAILED_MS) });
        throw error;
      },
    );
    const asked = { since: now(), found: found.finally(() => running.delete(name)) };
    // Its callers may have given up by then.
    asked.found.catch(() => undefined);
    running.set(name, asked);
    return asked;
  }

  async function fromServers(name: string): Promise<Address[]> {
    const entry = known.get(name);
    if (entry && now() < entry.freshUntil) return entry.addresses;
    const older = usable(entry, now());
    const stale = older.length > 0 ? older : null;
    const failure = failed.get(name);
    if (failure && now() < failure.until) {
      if (stale) return stale;
      throw failure.error;
    }
    const { since, found } = ask(name);
    const patienceMs = stale ? Math.max(0, PATIENCE_WITH_STALE_MS - (now() - since)) : PATIENCE_MS;
    try {
      return await withTimeout(patienceMs, found, () => NameError.silent(name, PATIENCE_MS));
    } catch (error) {
      if (stale && !(error as NameError).isAbsent) return stale;
      throw error;
    }
  }

  return {
    async resolve(name) {
      const literal = asAddress(name);
      if (literal) return [literal];
      const local = system.localAddresses(name);
      return local ? local.flatMap((address) => asAddress(address) ?? []) : fromServers(name.toLowerCase());
    },
    isResolving: (name) => running.has(name.toLowerCase()),
    close: () => query.cancel(),
  };
}

function remember<T>(entries: Map<string, T>, name: string, entry: T): void {
  entries.delete(name);
  entries.set(name, entry);
  const [oldest] = entries.keys();
  if (entries.size > MAX_NAMES && oldest !== undefined) entries.delete(oldest);
}
