import { Problem } from '../lib/problem.ts';
import type { Refuse } from '../model/people.ts';
import type { Ctx } from './context.ts';
import { requestEnd } from './requestEnd.ts';

/**
 * Limits how many requests with alerts are stored at once: each has a database connection until it is stored, with
 * thousands of alerts for seconds. Some connections always remain for pages, clicks, filing and readiness, and no source
 * has all places.
 */
export interface IntakePlaces {
  /**
   * Calls `store` once there is a place, which is free again when `store` has ended. Throws Problem `too_many_requests` if
   * too many alerts of the source wait, and `busy` if no place became free in time. Then `store` is never called.
   */
  run<T>(ctx: Ctx, sent: Sent, store: () => Promise<T>): Promise<T>;
}

interface Sent {
  source: string;
  alerts: number;
}

interface Request {
  source: string;
  alerts: number;
  /** Requests of a source wait for others of their size only, so that a single alert does not wait for thousands. */
  isLarge: boolean;
}

interface Waiting {
  request: Request;
  start(): void;
}

/**
 * Of the connections. Five of the eight of a process of the usual size: four for one source, and one for the others. With
 * three connections there are two places, so that single alerts do not wait for the thousands of another source.
 */
const SHARE = 5 / 8;
/** A batch of this size is stored in a fraction of a second. */
const MAX_SMALL = 500;
/** As many requests of one source as make its intake faster: all are processed by one thread. */
const MAX_SMALL_OF_SOURCE = 4;
const MAX_LARGE_OF_SOURCE = 1;
/** Of each source, small and large requests each: as many as are stored in the time that a request may wait. */
const MAX_ALERTS_WAITING = 10_000;
/** Leaves enough of the deadline of the route to store the request. */
const WAIT_MS = 8_000;
const RETRY_AFTER_SECONDS = 5;

/** `connections`: those that intake shares with everything but pages. */
export function createIntakePlaces({
  connections,
  refused,
  waitMs = WAIT_MS,
}: {
  connections: number;
  refused: Refuse;
  waitMs?: number;
}): IntakePlaces {
  const places = Math.max(connections < 3 ? 1 : 2, Math.floor(connections * SHARE));
  const placesOfSource = Math.max(1, places - 1);
  const placesOfLarge = Math.max(1, Math.floor(places / 2));
  const running = new Set<Request>();
  /** The first queue is the one whose turn is next. */
  const queues = new Map<string, Waiting[]>();

  const count = (counts: (other: Request) => boolean): number => [...running].filter(counts).length;

  function hasPlace({ source, isLarge }: Request): boolean {
    const maxAlike = isLarge ? MAX_LARGE_OF_SOURCE : MAX_SMALL_OF_SOURCE;
    return (
      running.size < places &&
      count((other) => other.source === source) < placesOfSource &&
      count((other) => other.source === source && other.isLarge === isLarge) < maxAlike &&
      (!isLarge || count((other) => other.isLarge) < placesOfLarge)
    );
  }

  function startWaiting(): void {
    for (const [key, queue] of [...queues]) {
      const [first] = queue;
      if (!first || !hasPlace(first.request)) continue;
      // Behind all other queues, which have their turns first.
      queues.delete(key);
      if (queue.length > 1) queues.set(key, queue.slice(1));
      running.add(first.request);
      first.start();
      startWaiting();
      return;
    }
  }

  function leave(key: string, waiting: Waiting): void {
    const left = (queues.get(key) ?? []).filter((other) => other !== waiting);
    if (left.length === 0) queues.delete(key);
    else queues.set(key, left);
  }

  function wait(ctx: Ctx, request: Request): Promise<void> {
    const key = keyOf(request);
    const signal = requestEnd(ctx);
    return new Promise((resolve, reject) => {
      const waiting = { request, start };
      const timer = setTimeout(() => {
        refused('busy', ctx.ip, ctx.state.source);
        giveUp(new Problem('busy', BUSY));
      }, waitMs);
      const onEnd = (): void => giveUp(signal.reason);
      function settle(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', onEnd);
      }
      function start(): void {
        settle();
        resolve();
      }
      function giveUp(reason: unknown): void {
        settle();
        leave(key, waiting);
        reject(reason);
      }
      if (signal.aborted) {
        onEnd();
        return;
      }
      signal.addEventListener('abort', onEnd, { once: true });
      const queue = [...(queues.get(key) ?? []), waiting];
      queues.set(key, queue);
      startWaiting();
      const isWaiting = queues.get(key)?.includes(waiting) ?? false;
      if (!isWaiting || alertsIn(queue) <= MAX_ALERTS_WAITING) return;
      refused('too_many_waiting', ctx.ip, ctx.state.source);
      ctx.set('Retry-After', String(RETRY_AFTER_SECONDS));
      giveUp(new Problem('too_many_requests', TOO_MANY));
    });
  }

  return {
    async run(ctx, { source, alerts }, store) {
      const request = { source, alerts, isLarge: alerts > MAX_SMALL };
      await wait(ctx, request);
      try {
        return await store();
      } finally {
        running.delete(request);
        startWaiting();
      }
    },
  };
}

const TOO_MANY = 'Too many alerts of this source wait already. Nothing of this request was stored; send it again.';
const BUSY = 'Too many requests with alerts at once. Nothing of this request was stored; send it again.';

const keyOf = ({ source, isLarge }: Request): string => `${isLarge ? 'large' : 'small'} ${source}`;

/** An empty request is one too, so that their number has a limit as well. */
const alertsIn = (queue: readonly Waiting[]): number =>
  queue.reduce((sum, { request }) => sum + Math.max(1, request.alerts), 0);
