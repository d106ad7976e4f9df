import { Problem } from '../../lib/problem.ts';
import { clientNetwork } from '../../net/clientNetwork.ts';
import type { Ctx } from '../context.ts';
import { INTAKE_BODY_LIMIT } from './body.ts';

/** Bodies up to this size are not counted: so many of them at once are no danger. */
const SMALL_BYTES = 65_536;
/** How much of the larger bodies may be in memory at once. A parsed body takes several times its size. */
const MAX_BYTES = 8 * INTAKE_BODY_LIMIT;
const WAIT_MS = 15_000;

/** A caller whose bodies stall must not keep others waiting. */
const SHARE_OF_CALLER = 1 / 4;
/** Callers whose token is in the body that they still have to send: together, and those of one network. */
const ANONYMOUS = { shareOfAll: 1 / 2, shareOfNetwork: 1 / 16 };
/** Each body that begins or ends looks at all that wait. More of one caller, or without a token, would only wait in vain. */
const MAX_WAITING = 100;

interface Request {
  bodyLimit: number;
  /** A source or the name of a caller; null if nobody knows yet who sends it. */
  caller: string | null;
}

export interface BodyBudget {
  /**
   * Waits until there is memory for the body of this request, which is not read before that. Throws Problem `busy` after
   * 15 s, and at once if too many bodies of the caller wait.
   */
  reserve(ctx: Ctx, request: Request): Promise<Reserved>;
}

/** Memory for one body. */
interface Reserved {
  /** The body was read and has so many bytes: the rest is given back while the request goes on. */
  wasRead: (bytes: number) => void;
  /** Gives all of it back. */
  release: () => void;
}

/** What takes no memory that counts. */
export const NOTHING_RESERVED: Reserved = { wasRead: () => undefined, release: () => undefined };

interface Body {
  bytes: number;
  isAnonymous: boolean;
  /** The network of a caller that nobody knows yet. */
  caller: string;
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

  function isWithinShare(body: Body): boolean {
    const isOfCaller = (other: Body) => other.isAnonymous === body.isAnonymous && other.caller === body.caller;
    if (!body.isAnonymous) return fits(body, SHARE_OF_CALLER, isOfCaller);
    return (
      fits(body, ANONYMOUS.shareOfAll, ({ isAnonymous }) => isAnonymous) &&
      fits(body, ANONYMOUS.shareOfNetwork, isOfCaller)
    );
  }

  /** An earlier body keeps its turn, unless it waits only for others of its caller or of callers that nobody knows. */
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

  /** Those without a token are counted together. */
  function countWaiting({ isAnonymous, caller }: Body): number {
    const isAlike = (other: Body) => other.isAnonymous === isAnonymous && (isAnonymous || other.caller === caller);
    return queue.filter(({ body }) => isAlike(body)).length;
  }

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
      if (queue.includes(waiting) && countWaiting(body) > MAX_WAITING) giveUp();
    });
  }

  function release(body: Body): void {
    inMemory.delete(body);
    startWaiting();
  }

  return {
    async reserve(ctx, { bodyLimit, caller }) {
      const bytes = sizeOf(ctx, bodyLimit);
      if (bytes <= SMALL_BYTES) return NOTHING_RESERVED;
      const body = { bytes, isAnonymous: caller === null, caller: caller ?? clientNetwork(ctx.ip) };
      await wait(body);
      return {
        wasRead(read) {
          if (read <= SMALL_BYTES) return release(body);
          if (read >= body.bytes) return;
          body.bytes = read;
          startWaiting();
        },
        release: () => release(body),
      };
    },
  };
}

/** Until it was read, a chunked or compressed body may be as large as the route allows. */
function sizeOf(ctx: Ctx, bodyLimit: number): number {
  if (ctx.get('transfer-encoding') !== '' || ctx.get('content-encoding') !== '') return bodyLimit;
  return Math.min(Number(ctx.get('content-length')) || 0, bodyLimit);
}
