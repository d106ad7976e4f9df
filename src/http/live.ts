import { PassThrough } from 'node:stream';
import type { Services } from './services.ts';

export interface LiveLink {
  /**
   * A stream of server-sent events; `returning` when its reader had one before and may have missed something. A page of
   * the grid says as of when it is, and is told what changed on it since.
   */
  open(returning: boolean, gridSince?: string): PassThrough;
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

/** Tells every open page which actors changed. One subscription serves all of them. */
export function createLiveLink(services: Pick<Services, 'subscribe' | 'watchBoard'>): LiveLink {
  const streams = new Set<PassThrough>();
  const changed = new Set<string>();
  let flags = false;
  let gathering: NodeJS.Timeout | undefined;
  let lastId = 0;

  const unsubscribe = services.subscribe((change) => {
    if (streams.size === 0) return;
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
    for (const stream of streams) write(stream, event, data);
  }

  function write(stream: PassThrough, event: string, data: unknown): void {
    if (stream.writableLength > MOST_WAITING) stream.destroy();
    else stream.write(`id: ${lastId}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  return {
    open(returning, gridSince) {
      const stream = new PassThrough();
      streams.add(stream);
      stream.once('close', () => streams.delete(stream));
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
      for (const stream of streams) stream.end();
    },
  };
}
