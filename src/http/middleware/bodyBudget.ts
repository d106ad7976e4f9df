import { Problem } from '../../lib/problem.ts';
import type { Ctx } from '../context.ts';
import { INTAKE_BODY_LIMIT } from './body.ts';

/** Bodies up to this size are not counted: so many of them at once are no danger. */
const SMALL_BYTES = 65_536;
/** How much of the larger bodies may be in memory at once. A parsed body takes several times its size. */
const MAX_BYTES = 8 * INTAKE_BODY_LIMIT;
const WAIT_MS = 15_000;

export interface BodyBudget {
  /**
   * Waits until there is memory for the body of this request, which is not read before that. Returns what gives the
   * memory back. Throws Problem `busy` after 15 s.
   */
  reserve(ctx: Ctx, endpoint: { bodyLimit?: number | undefined }): Promise<() => void>;
}

interface Waiting {
  bytes: number;
  start(): void;
}

/** Limits the memory for the bodies of routes with a large limit, so that many large requests at once cannot exhaust it. */
export function createBodyBudget({ maxBytes = MAX_BYTES, waitMs = WAIT_MS } = {}): BodyBudget {
  const queue: Waiting[] = [];
  let used = 0;

  function startWaiting(): void {
    for (let next = queue[0]; next && (used === 0 || used + next.bytes <= maxBytes); next = queue[0]) {
      queue.shift();
      used += next.bytes;
      next.start();
    }
  }

  function wait(bytes: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = { bytes, start };
      const timer = setTimeout(() => {
        queue.splice(queue.indexOf(waiting), 1);
        reject(new Problem('busy', 'Too many large requests at once; try again later.'));
      }, waitMs);
      function start(): void {
        clearTimeout(timer);
        resolve();
      }
      queue.push(waiting);
      startWaiting();
    });
  }

  return {
    async reserve(ctx, { bodyLimit }) {
      const bytes = bodyLimit === undefined ? 0 : sizeOf(ctx, bodyLimit);
      if (bytes <= SMALL_BYTES) return () => undefined;
      await wait(bytes);
      return () => {
        used -= bytes;
        startWaiting();
      };
    },
  };
}

/** A chunked or compressed body may be as large as the route allows. */
function sizeOf(ctx: Ctx, bodyLimit: number): number {
  if (ctx.get('transfer-encoding') !== '' || ctx.get('content-encoding') !== '') return bodyLimit;
  return Math.min(Number(ctx.get('content-length')) || 0, bodyLimit);
}
