import { coalesce } from '../lib/coalesce.ts';
import type { StatusGrid, StatusGridChange, Tile } from '../model/surfaces.ts';

/** Reads the grid once for everybody who looks at it, and tells what changed on it. */
export interface StatusGridFeed {
  /** The grid as it is now; with `asOf` a look made at that instant or later will do. */
  grid(asOf?: string): Promise<StatusGrid>;
  /** Calls back with what changed since that instant, at once and whenever more does, until unsubscribed. */
  watch(since: string, heard: (change: StatusGridChange) => void): () => void;
}

export interface StatusGridFeedDeps {
  read: () => Promise<StatusGrid>;
  /** Calls back when something on the grid may have changed; with whether that is certain. */
  subscribe: (heard: (mayMatter: boolean) => void) => () => void;
}

/** A transaction tells of its actors in a few messages. */
const DEBOUNCE_MS = 25;
/** Checks that stop coming make no noise: that a surface is UNKNOWN by now has to be looked for. */
const READ_EVERY_MS = 10_000;
/** A page that was just rendered opens its link a moment later; until then changes have to be kept. */
const IDLE_AFTER_MS = 60_000;
/** Reading may take so much of the time, whatever happens on the grid. */
const REST_FACTOR = 3;
const MAX_CHANGES = 200;
const MAX_OWN_READS = 50;
/** An instant is when a look began. Of looks of two processes that began so close together either may have seen more. */
const CLOCK_SLACK_MS = 1_000;

export function createStatusGridFeed({ read, subscribe }: StatusGridFeedDeps): StatusGridFeed {
  const watchers = new Set<(change: StatusGridChange) => void>();
  let latest: StatusGrid | null = null;
  let shown = new Map<string, string>();
  let changes: StatusGridChange[] = [];
  /** When our own last looks began: whoever names one of these was told by us. */
  let looks: string[] = [];
  /** Changes are known from this instant on. */
  let knownFrom = '';
  let awake: { stop(): void } | null = null;
  let lingering: NodeJS.Timeout | undefined;
  let looking: NodeJS.Timeout | undefined;
  let restUntil = 0;

  const readNow = coalesce(async () => {
    const began = performance.now();
    const board = await read();
    restUntil = performance.now() + REST_FACTOR * (performance.now() - began);
    absorb(board);
    return board;
  });

  function absorb(board: StatusGrid): void {
    const before = shown;
    shown = new Map(board.surfaces.map((tile) => [tile.id, digest(tile)]));
    if (latest === null) {
      knownFrom = board.generated_at;
    } else {
      const change = difference(latest, board, before, shown);
      if (change.all || change.ids.length > 0) {
        changes = [...changes, change].slice(-MAX_CHANGES);
        if (changes.length === MAX_CHANGES) knownFrom = changes[0]?.as_of ?? knownFrom;
        for (const tell of [...watchers]) tell(change);
      }
    }
    latest = board;
    looks = [...looks, board.generated_at].slice(-MAX_OWN_READS);
    stayAwake();
  }

  function stayAwake(): void {
    awake ??= wake();
    clearTimeout(lingering);
    lingering = setTimeout(() => {
      if (watchers.size > 0) return stayAwake();
      sleep();
    }, IDLE_AFTER_MS);
    lingering.unref();
  }

  function wake() {
    const unsubscribe = subscribe((mayMatter) => {
      if (mayMatter) look(DEBOUNCE_MS);
    });
    const timer = setInterval(() => {
      if (watchers.size > 0) look(0);
    }, READ_EVERY_MS);
    timer.unref();
    return {
      stop() {
        unsubscribe();
        clearInterval(timer);
      },
    };
  }

  function sleep(): void {
    awake?.stop();
    awake = null;
    clearTimeout(lingering);
    clearTimeout(looking);
    looking = undefined;
    latest = null;
    changes = [];
    looks = [];
  }

  function look(inMs: number): void {
    looking ??= setTimeout(
      () => {
        looking = undefined;
        // What cannot be read now is looked for again; pages say by themselves that they hear nothing.
        readNow().catch(() => undefined);
      },
      Math.max(inMs, restUntil - performance.now()),
    );
    looking.unref();
  }

  function since(instant: string): StatusGridChange | null {
    if (latest === null || instant < knownFrom) return { ids: [], all: true, as_of: latest?.generated_at ?? instant };
    const missed = changes.filter(({ as_of }) => Date.parse(as_of) > Date.parse(instant) - CLOCK_SLACK_MS);
    if (missed.length === 0) return null;
    const ids = [...new Set(missed.flatMap((change) => change.ids))];
    return { ids, all: missed.some(({ all }) => all), as_of: latest.generated_at };
  }

  function fits(board: StatusGrid, asOf: string): boolean {
    if (looks.includes(asOf)) return true;
    return Date.parse(board.generated_at) > Date.parse(asOf) + CLOCK_SLACK_MS;
  }

  return {
    grid: (asOf) => (latest !== null && asOf !== undefined && fits(latest, asOf) ? Promise.resolve(latest) : readNow()),
    watch(instant, heard) {
      watchers.add(heard);
      const missed = since(instant);
      if (missed) heard(missed);
      stayAwake();
      return () => watchers.delete(heard);
    },
  };
}

/** Surfaces that come, go or change places leave no part of the page as it was. */
function difference(
  before: StatusGrid,
  after: StatusGrid,
  was: Map<string, string>,
  is: Map<string, string>,
): StatusGridChange {
  const as_of = after.generated_at;
  const outline = ({ surfaces }: StatusGrid) =>
    surfaces.map(({ id, name, group }) => `${id}\n${name}\n${group}`).join('\n');
  if (before.surfaces.length !== after.surfaces.length || outline(before) !== outline(after))
    return { ids: [], all: true, as_of };
  return { ids: [...is].filter(([id, now]) => was.get(id) !== now).map(([id]) => id), all: false, as_of };
}

/** What a person sees of a tile, without what moves on with every check. */
const digest = ({ status, since, was, ticket, recovered_ticket_open, recovered_ticket, last_check }: Tile): string =>
  JSON.stringify([
    status,
    since,
    was,
    // How many share a ticket moves on with every alert of a storm.
    ticket && { ...ticket, looked_at: null, shared_with: ticket.shared_with !== null },
    recovered_ticket_open,
    recovered_ticket && { ...recovered_ticket, looked_at: null },
    status === 'DOWN' || status === 'DEGRADED' ? last_check?.error : null,
  ]);
