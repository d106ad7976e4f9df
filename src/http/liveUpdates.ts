import { PassThrough } from 'node:stream';
import { Problem } from '../lib/problem.ts';
import type { StatusGridChange } from '../model/surfaces.ts';
import { createBannerFeed } from './bannerFeed.ts';
import type { ConsoleApi } from './consoleApi.ts';
import type { BrowserSession } from './context.ts';
import { type Changes, createRecentChanges } from './recentChanges.ts';

interface Subscriber {
  /** Who reads; the number of streams is limited for each reader. */
  reader: string;
  /** The stream ends with this session; null for callers without one. */
  session: BrowserSession | null;
  /** Asked before each message: false once the token of a caller was replaced. */
  mayRead(): boolean;
  /** An open status page sends the time of the grid it shows, and receives what changed since then. */
  gridSince?: string | undefined;
  /** How long ago the request for the page began, in milliseconds; what changed since then may be missing on it. */
  ageMs?: number | undefined;
}

export interface LiveUpdates {
  /** Opens a stream of server-sent events. `returning`: the client was connected before and may have missed events. */
  /** Throws Problem `too_many_requests` if this reader, or all together, have too many streams. */
  open(returning: boolean, subscriber: Subscriber): PassThrough;
  /** Ends every stream. Clients reconnect to another process by themselves. */
  close(): void;
}

const HEARTBEAT_MS = 15_000;
/** Changes come in bursts; one message per burst saves each open page a reload. */
const BATCH_MS = 200;
/** A message with more ids than this says only that many actors changed. */
const MAX_IDS = 100;
/** Each open page has a stream; a browser with more tabs than this has few that somebody looks at. */
const MAX_STREAMS_PER_READER = 20;
/** Each stream takes a file descriptor, which intake needs as well. */
const MAX_STREAMS = 1_000;
/** A client with more unread bytes than this is gone or suspended. */
const MAX_BUFFERED_BYTES = 262_144;
const RETRY_MS = 2_000;
/** The request for the stream may take longer than the one for its page did. */
const AGE_MARGIN_MS = 5_000;
/** The longest delay that a timer can hold. The stream ends then, and its client reconnects. */
const MAX_TIMER_MS = 86_400_000;

const NOTHING: Changes = { actors: [], flags: false };

function changedEvent({ actors, flags }: Changes) {
  const many = actors.length > MAX_IDS;
  return { actors: many ? [] : actors, many, flags };
}

/** Sends each open page the ids of the actors that changed. One subscription serves all streams. */
export function createLiveUpdates(
  services: Pick<ConsoleApi, 'subscribe' | 'watchStatusGrid' | 'banners'>,
): LiveUpdates {
  const streams = new Map<PassThrough, Subscriber>();
  const perReader = new Map<string, number>();
  const changed = new Set<string>();
  let flags = false;
  let batchTimer: NodeJS.Timeout | undefined;
  let lastId = 0;
  let grid: { change: StatusGridChange; message: string } | undefined;
  const recent = createRecentChanges();
  const banners = createBannerFeed({
    read: () => services.banners(),
    isWatched: () => streams.size > 0,
    onChange: (digest) => broadcast('banners', { digest }),
  });

  const unsubscribe = services.subscribe((change) => {
    // Notifications may have been missed. A page that was rendered meanwhile may lack a change that nobody names.
    if (change.sessions === 'all') recent.reset();
    else if (change.actors.length > 0 || change.flags) recent.add(change);
    if (streams.size === 0) return;
    for (const [stream, { session }] of streams) {
      if (session === null) continue;
      // Any session may have ended: the clients reconnect, and are authenticated again.
      if (change.sessions === 'all') end(stream);
      else if (change.sessions.includes(session.id)) endSignedOut(stream);
    }
    if (change.actors.length === 0 && !change.flags) return;
    for (const actor of change.actors) changed.add(actor);
    flags ||= change.flags;
    banners.touch();
    batchTimer ??= setTimeout(sendChanges, BATCH_MS);
  });
  const heartbeat = setInterval(() => broadcast('beat', {}), HEARTBEAT_MS);
  heartbeat.unref();

  function admit(reader: string): void {
    const own = perReader.get(reader) ?? 0;
    if (own >= MAX_STREAMS_PER_READER || streams.size >= MAX_STREAMS) {
      throw new Problem('too_many_requests', 'Too many open pages receive live updates. Close some of them.');
    }
    perReader.set(reader, own + 1);
  }

  function leave(reader: string): void {
    const left = (perReader.get(reader) ?? 1) - 1;
    if (left > 0) perReader.set(reader, left);
    else perReader.delete(reader);
  }

  function sendChanges(): void {
    batchTimer = undefined;
    broadcast('changed', changedEvent({ actors: [...changed], flags }));
    changed.clear();
    flags = false;
  }

  function broadcast(event: string, data: unknown): void {
    lastId += 1;
    const message = messageOf(event, data);
    for (const stream of streams.keys()) writeMessage(stream, message);
  }

  /** The page reloads on this event, and so arrives at the sign-in page. */
  function endSignedOut(stream: PassThrough): void {
    write(stream, 'signed-out', {});
    end(stream);
  }

  /** Removed first, because writing after the end is an error. */
  function end(stream: PassThrough): void {
    if (streams.delete(stream)) stream.end();
  }

  const messageOf = (event: string, data: unknown): string =>
    `id: ${lastId}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

  function write(stream: PassThrough, event: string, data: unknown): void {
    writeMessage(stream, messageOf(event, data));
  }

  function writeMessage(stream: PassThrough, message: string): void {
    const subscriber = streams.get(stream);
    if (subscriber === undefined) return;
    // The client reconnects, and is authenticated again.
    if (!subscriber.mayRead()) end(stream);
    else if (stream.writableLength > MAX_BUFFERED_BYTES) stream.destroy();
    else stream.write(message);
  }

  /** Every open status page gets the same change object, whose message is made once. */
  function gridMessage(change: StatusGridChange): string {
    if (grid?.change !== change) grid = { change, message: messageOf('grid', change) };
    return grid.message;
  }

  return {
    open(returning, subscriber) {
      const { reader, session, gridSince, ageMs } = subscriber;
      admit(reader);
      const stream = new PassThrough();
      streams.set(stream, subscriber);
      // The session may have been used since, so the client has to reconnect and present it again.
      const expiry = session && setTimeout(end, Math.min(session.remainingMs, MAX_TIMER_MS), stream);
      stream.once('close', () => {
        streams.delete(stream);
        leave(reader);
        if (expiry !== null) clearTimeout(expiry);
      });
      stream.write(`retry: ${RETRY_MS}\n\n`);
      const missed = ageMs === undefined ? NOTHING : recent.last(ageMs + AGE_MARGIN_MS);
      write(stream, 'hello', { catch_up: returning || missed === null });
      if (missed && (missed.actors.length > 0 || missed.flags)) write(stream, 'changed', changedEvent(missed));
      const digest = banners.digest();
      if (digest !== null) write(stream, 'banners', { digest });
      banners.touch();
      if (gridSince !== undefined) {
        const unwatch = services.watchStatusGrid(gridSince, (change) => writeMessage(stream, gridMessage(change)));
        stream.once('close', unwatch);
      }
      return stream;
    },
    close() {
      unsubscribe();
      clearInterval(heartbeat);
      banners.stop();
      clearTimeout(batchTimer);
      for (const stream of streams.keys()) end(stream);
    },
  };
}
