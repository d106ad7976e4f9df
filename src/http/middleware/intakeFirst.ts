import type { Middleware } from 'koa';
import type { LoopLoad } from '../../lib/loopLoad.ts';
import type { Ctx, RequestState } from '../context.ts';
import { requestEnd } from '../requestEnd.ts';

/** A page may take 4.5 s to be read, and must be answered within five. */
const MAX_WAIT_MS = 250;
/** Those who start in one turn of the event loop block it together. */
const STARTED_AT_ONCE = 10;
/** A larger request takes seconds, and shares the process with readers. */
const MAX_SMALL_BYTES = 65_536;
const READS = new Set(['GET', 'HEAD']);
/** A platform that gets no answer from these ends the process. */
const PROBES = new Set(['/healthz', '/readyz']);

interface Options {
  load: Pick<LoopLoad, 'isBusy'>;
  maxWaitMs?: number;
}

/**
 * While the event loop is busy and small requests with alerts are not answered yet, what only reads waits a moment before
 * it begins. Each statement of an alert waits for a turn of the loop, which is as long as everything that has begun.
 */
export function intakeFirst({ load, maxWaitMs = MAX_WAIT_MS }: Options): Middleware<RequestState> {
  let unanswered = 0;
  /** The first one has waited longest. */
  const waiting = new Set<() => void>();

  function startSome(): void {
    if (unanswered > 0) return;
    for (const start of [...waiting].slice(0, STARTED_AT_ONCE)) start();
    if (waiting.size > 0) setImmediate(startSome);
  }

  function waitForIntake(): Promise<void> {
    return new Promise((resolve) => {
      const start = (): void => {
        clearTimeout(timer);
        waiting.delete(start);
        resolve();
      };
      const timer = setTimeout(start, maxWaitMs);
      waiting.add(start);
    });
  }

  return async (ctx, next) => {
    if (isSmallIntake(ctx)) {
      unanswered += 1;
      const onEnd = (): void => {
        unanswered -= 1;
        startSome();
      };
      const ended = requestEnd(ctx);
      if (ended.aborted) onEnd();
      else ended.addEventListener('abort', onEnd, { once: true });
    } else if (unanswered > 0 && onlyReads(ctx) && load.isBusy()) await waitForIntake();
    await next();
  };
}

const isSmallIntake = (ctx: Ctx): boolean =>
  !READS.has(ctx.method) && takesAlerts(ctx) && (ctx.request.length ?? Number.POSITIVE_INFINITY) <= MAX_SMALL_BYTES;

const onlyReads = (ctx: Ctx): boolean =>
  READS.has(ctx.method) && !takesAlerts(ctx) && !PROBES.has(ctx.state.path ?? '');

/** Also the addresses of senders, some of which ask before they send. */
const takesAlerts = ({ state: { path } }: Ctx): boolean =>
  path !== null && (path.startsWith('/api/') || path === '/v2/enqueue');
