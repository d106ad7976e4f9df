import { Problem } from '../../lib/problem.ts';
import { clientNetwork } from '../../net/clientNetwork.ts';
import type { Ctx } from '../context.ts';
import { INTAKE_BODY_LIMIT } from './body.ts';

/** Bodies up to this size are not counted: so many of them at once are no danger. */
const SMALL_BYTES = 65_536;
/** How much of the larger bodies may be in memory at once. A parsed body takes several times its size. */
const MAX_BYTES = 8 * INTAKE_BODY_LIMIT;
const WAIT_MS = 15_000;

/** Callers whose token is in the body that they still have to send. A few that stall must not keep others waiting. */
const ANONYMOUS = { shareOfAll: 1 / 2, shareOfNetwork: 1 / 16 };
/** Each body that begins or ends looks at all that wait. More callers without a token would only wait in vain. */
const MAX_ANONYMOUS_WAITING = 100;

interface Request {
  bodyLimit: number;
  /** Nobody knows yet who sends it. */
  isAnonymous?: boolean;
}

export interface BodyBudget {
  /**
   * Waits until there is memory for the body of this request, which is not read before that. Returns what gives the
   * memory back. Throws Problem `busy` after 15 s.
   */
  reserve(ctx: Ctx, request: Request): Promise<() => void>;
}

interface Body {
  bytes: number;
  /** Null for a caller that is known. */
  network: string | null;
}

interface Waiting {
  body: Body;
  start(): void;
}

/** Limits the memory for the bodies of the routes that share it, so that many large requests at once cannot exhaust it. */
export function createBodyBudget({ maxBytes = MAX_BYTES, waitMs = WAIT_MS } = {}): BodyBudget {
  let queue: Waiting[] = [];
  const inMemory = new Set<Body>();

  /** One body fits in any case where there is no other. */
  function fits({ bytes }: Body, share: number, counts: (other: Body) => boolean): boolean {
    const used = [...inMemory].filter(counts).reduce((sum, other) => sum + other.bytes, 0);
    return used === 0 || used + bytes <= share * maxBytes;
  }

  const isWithinShare = (body: Body): boolean =>
    body.network === null ||
    (fits(body, ANONYMOUS.shareOfAll, ({ network }) => network !== null) &&
      fits(body, ANONYMOUS.shareOfNetwork, ({ network }) => network === body.network));

  /** An earlier body keeps its turn, unless it waits only for others of callers that nobody knows. */
  function startWaiting(): void {
    const left: Waiting[] = [];
    let isFull = false;
    for (const waiting of queue) {
      const { body, start } = waiting;
      const isHeld: boolean = isFull || !isWithinShare(body);
      isFull ||= !isHeld && !fits(body, 1, () => true);
      if (isHeld || isFull) left.push(waiting);
      else {
        inMemory.add(body);
        start();
      }
    }
    queue = left;
  }

  const countAnonymous = (): number => queue.filter(({ body }) => body.network !== null).length;

  function wait(body: Body): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = { body, start };
      const timer = setTimeout(giveUp, waitMs);
      function start(): void {
        clearTimeout(timer);
        resolve();
      }
      function giveUp(): void {
        clearTimeout(timer);
        queue = queue.filter((other) => other !== waiting);
        reject(new Problem('busy', 'Too many large requests at once; try again later.'));
      }
      queue.push(waiting);
      startWaiting();
      if (body.network !== null && queue.includes(waiting) && countAnonymous() > MAX_ANONYMOUS_WAITING) giveUp();
    });
  }

  return {
    async reserve(ctx, { bodyLimit, isAnonymous }) {
      const bytes = sizeOf(ctx, bodyLimit);
      if (bytes <= SMALL_BYTES) return () => undefined;
      const body = { bytes, network: isAnonymous ? clientNetwork(ctx.ip) : null };
      await wait(body);
      return () => {
        inMemory.delete(body);
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
