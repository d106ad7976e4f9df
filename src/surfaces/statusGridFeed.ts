import { coalesce } from '../lib/coalesce.ts';
import type { StatusGrid, StatusGridChange, Tile } from '../model/surfaces.ts';
import type { TicketState } from '../model/tickets.ts';

/** Reads the grid once for all pages, and notifies them of changes. */
export interface StatusGridFeed {
  /** The grid as it is now; with `asOf` (ISO 8601) a read that began at that instant or later is enough. */
  grid(asOf?: string): Promise<StatusGrid>;
  /** Calls back with the changes since that instant, at once and for each later change. Returns how to unsubscribe. */
  watch(since: string, onChange: (change: StatusGridChange) => void): () => void;
}

export interface StatusGridFeedDeps {
  read: () => Promise<StatusGrid>;
  /** Calls back on each notification; `mayMatter` false if it cannot change the grid. */
  subscribe: (onNotification: (mayMatter: boolean) => void) => () => void;
}

/** One transaction sends several notifications. */
const DEBOUNCE_MS = 25;
/** Checks that stop coming send no notification, so a surface that became UNKNOWN is found by reading. */
const READ_EVERY_MS = 10_000;
/** A page opens its event stream a moment after it was rendered; until then changes have to be kept. */
const IDLE_AFTER_MS = 60_000;
/** After a read, the feed rests for this multiple of its duration. */
const REST_FACTOR = 3;
const MAX_CHANGES = 200;
const MAX_OWN_READS = 50;
/** Instants are the start of a read. Of two processes whose reads began closer together, either may have seen more. */
const CLOCK_SLACK_MS = 1_000;

export function createStatusGridFeed({ read, subscribe }: StatusGridFeedDeps): StatusGridFeed {
  const watchers = new Set<(change: StatusGridChange) => void>();
  let latest: StatusGrid | null = null;
  let changes: StatusGridChange[] = [];
  /** When our own latest reads began: a page that names one of these was served by this process. */
  let ownReads: string[] = [];
  /** Changes are complete from this instant on. */
  let completeFrom = '';
  let subscription: { stop(): void } | null = null;
  let idleTimer: NodeJS.Timeout | undefined;
  let readTimer: NodeJS.Timeout | undefined;
  let restUntil = 0;

  const readNow = coalesce(async () => {
    const startedAt = performance.now();
    const grid = await read();
    restUntil = performance.now() + REST_FACTOR * (performance.now() - startedAt);
    update(grid);
    return grid;
  });

  function update(grid: StatusGrid): void {
    if (latest === null) {
      completeFrom = grid.generated_at;
    } else {
      const change = difference(latest, grid);
      if (change.all || change.ids.length > 0) {
        changes = [...changes, change].slice(-MAX_CHANGES);
        if (changes.length === MAX_CHANGES) completeFrom = changes[0]?.as_of ?? completeFrom;
        for (const onChange of [...watchers]) onChange(change);
      }
    }
    latest = grid;
    ownReads = [...ownReads, grid.generated_at].slice(-MAX_OWN_READS);
    stayActive();
  }

  function stayActive(): void {
    subscription ??= activate();
    clearTimeout(idleTimer);
    idleTimer = setTimeout(() => {
      if (watchers.size > 0) return stayActive();
      deactivate();
    }, IDLE_AFTER_MS);
    idleTimer.unref();
  }

  function activate() {
    const unsubscribe = subscribe((mayMatter) => {
      if (mayMatter) scheduleRead(DEBOUNCE_MS);
    });
    const timer = setInterval(() => {
      if (watchers.size > 0) scheduleRead(0);
    }, READ_EVERY_MS);
    timer.unref();
    return {
      stop() {
        unsubscribe();
        clearInterval(timer);
      },
    };
  }

  function deactivate(): void {
    subscription?.stop();
    subscription = null;
    clearTimeout(idleTimer);
    clearTimeout(readTimer);
    readTimer = undefined;
    latest = null;
    changes = [];
    ownReads = [];
  }

  function scheduleRead(inMs: number): void {
    readTimer ??= setTimeout(
      () => {
        readTimer = undefined;
        // A failed read is repeated later; pages show by themselves that they get no updates.
        readNow().catch(() => undefined);
      },
      Math.max(inMs, restUntil - performance.now()),
    );
    readTimer.unref();
  }

  function changesSince(instant: string): StatusGridChange | null {
    if (latest === null || instant < completeFrom)
      return { ids: [], all: true, as_of: latest?.generated_at ?? instant };
    const missed = changes.filter(({ as_of }) => Date.parse(as_of) > Date.parse(instant) - CLOCK_SLACK_MS);
    if (missed.length === 0) return null;
    const ids = [...new Set(missed.flatMap((change) => change.ids))];
    return { ids, all: missed.some(({ all }) => all), as_of: latest.generated_at };
  }

  function isRecentEnough(grid: StatusGrid, asOf: string): boolean {
    if (ownReads.includes(asOf)) return true;
    return Date.parse(grid.generated_at) > Date.parse(asOf) + CLOCK_SLACK_MS;
  }

  return {
    grid: (asOf) =>
      latest !== null && asOf !== undefined && isRecentEnough(latest, asOf) ? Promise.resolve(latest) : readNow(),
    watch(since, onChange) {
      watchers.add(onChange);
      const missed = changesSince(since);
      if (missed) onChange(missed);
      stayActive();
      return () => watchers.delete(onChange);
    },
  };
}

/**
 * A surface that is added, removed, moved or renamed changes the whole page. Every request reads the grid, and a tile that
 * has not changed is the same object again: only the other tiles are compared.
 */
function difference(before: StatusGrid, after: StatusGrid): StatusGridChange {
  const as_of = after.generated_at;
  const all = { ids: [], all: true, as_of };
  if (before.surfaces === after.surfaces) return { ids: [], all: false, as_of };
  if (before.surfaces.length !== after.surfaces.length) return all;
  const ids: string[] = [];
  for (const [n, tile] of after.surfaces.entries()) {
    const old = before.surfaces[n];
    if (old === tile) continue;
    if (old === undefined || !isSamePlace(old, tile)) return all;
    if (digest(old) !== digest(tile)) ids.push(tile.id);
  }
  return { ids, all: false, as_of };
}

const isSamePlace = (a: Tile, b: Tile): boolean => a.id === b.id && a.name === b.name && a.group === b.group;

/** The visible content of a tile, without what changes with every check. */
const digest = (tile: Tile): string =>
  JSON.stringify([
    tile.status,
    tile.since,
    tile.was,
    tile.ticket && visible(tile.ticket),
    tile.no_ticket_reason,
    tile.earlier_tickets.map(visible),
    tile.recovered_ticket_open,
    tile.maintenance,
    tile.status === 'DOWN' || tile.status === 'DEGRADED' ? tile.last_check?.error : null,
  ]);

/** The number of alerts on a shared ticket changes with every alert of a storm. */
const visible = (ticket: TicketState) => ({ ...ticket, looked_at: null, shared_with: ticket.shared_with !== null });
