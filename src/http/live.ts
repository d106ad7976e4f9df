import { PassThrough } from 'node:stream';
import type { ConsoleApi } from './consoleApi.ts';
import type { HeldSession } from './context.ts';

export interface LiveLink {
  /**
   * A stream of server-sent events; `returning` when its reader had one before and may have missed something. A page of
   * the grid says as of when it is, and is told what changed on it since. It ends with the session of its reader.
   */
  open(returning: boolean, reader: { session: HeldSession | null; gridSince?: string | undefined }): PassThrough;
  /** Ends every stream; their readers come back to the next process by themselves. */
  close(): void;
}

const HEARTBEAT_MS = 15_000;
/** Changes come in bursts; one message for all of a burst spares everyone a page each. */
const GATHER_MS = 200;
/** Beyond this many the message says only that much changed. */
const MOST_NAMES = 100;
/** A reader that lets this many bytes pile up is gone or asleep. */
const MOST_WAITING = 262_144;
const RETRY_MS = 2_000;
/** What a timer can hold; whoever is still there then comes back all the same. */
const LONGEST_TIMER_MS = 86_400_000;

/** Tells every open page which actors changed. One subscription serves all of them. */
export function createLiveLink(services: Pick<ConsoleApi, 'subscribe' | 'watchBoard'>): LiveLink {
  const streams = new Map<PassThrough, string | null>();
  const changed = new Set<string>();
  let flags = false;
  let gathering: NodeJS.Timeout | undefined;
  let lastId = 0;

  const unsubscribe = services.subscribe((change) => {
    if (streams.size === 0) return;
    for (const [stream, session] of streams) {
      if (session === null) continue;
      // Who may have been signed out comes back by themselves and is looked at again.
      if (change.sessions === 'all') end(stream);
      else if (change.sessions.includes(session)) signedOut(stream);
    }
    if (change.actors.length === 0 && !change.flags) return;
    for (const actor of change.actors) changed.add(actor);
    flags ||= change.flags;
    gathering ??= setTimeout(tell, GATHER_MS);
  });
  const heartbeat = setInterval(() => send('beat', {}), HEARTBEAT_MS);
  heartbeat.unref();

  function tell(): void {
    gathering = undefined;
    const many = changed.size > MOST_NAMES;
    send('changed', { actors: many ? [] : [...changed], many, flags });
    changed.clear();
    flags = false;
  }

  function send(event: string, data: unknown): void {
    lastId += 1;
    for (const stream of streams.keys()) write(stream, event, data);
  }

  /** Its page loads itself anew, and so asks to sign in. */
  function signedOut(stream: PassThrough): void {
    write(stream, 'signed-out', {});
    end(stream);
  }

  /** Forgotten at once: a write after the end would be an error. */
  function end(stream: PassThrough): void {
    streams.delete(stream);
    stream.end();
  }

  function write(stream: PassThrough, event: string, data: unknown): void {
    if (!streams.has(stream)) return;
    if (stream.writableLength > MOST_WAITING) stream.destroy();
    else stream.write(`id: ${lastId}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  return {
    open(returning, { session, gridSince }) {
      const stream = new PassThrough();
      streams.set(stream, session?.id ?? null);
      // The session may have been used since, so the reader has to come back and show it.
      const expiry = session && setTimeout(end, Math.min(session.remainingMs, LONGEST_TIMER_MS), stream);
      stream.once('close', () => {
        streams.delete(stream);
        if (expiry !== null) clearTimeout(expiry);
      });
      stream.write(`retry: ${RETRY_MS}\n\n`);
      write(stream, 'hello', { catch_up: returning });
      if (gridSince !== undefined) {
        const unwatch = services.watchBoard(gridSince, (change) => write(stream, 'grid', change));
        stream.once('close', unwatch);
      }
      return stream;
    },
    close() {
      unsubscribe();
      clearInterval(heartbeat);
      clearTimeout(gathering);
      for (const stream of streams.keys()) end(stream);
    },
  };
}
