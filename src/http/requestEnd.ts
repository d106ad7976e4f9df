import { Problem } from '../lib/problem.ts';
import type { Ctx } from './context.ts';

/** Aborted when the response was sent, or its reader has gone away. */
export function requestEnd(ctx: Ctx): AbortSignal {
  const ended = new AbortController();
  const end = () => ended.abort(new Problem('busy', 'The request has ended before its turn.'));
  if (ctx.res.destroyed) end();
  else ctx.res.once('close', end);
  return ended.signal;
}
