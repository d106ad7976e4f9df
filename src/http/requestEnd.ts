import type { ServerResponse } from 'node:http';
import { Problem } from '../lib/problem.ts';
import type { Ctx } from './context.ts';

/** One for each request, which may wait in several places. */
const signals = new WeakMap<ServerResponse, AbortSignal>();

/** Aborted when the response was sent, or its reader has gone away. */
export function requestEnd({ res }: Ctx): AbortSignal {
  const known = signals.get(res);
  if (known) return known;
  const ended = new AbortController();
  const end = () => ended.abort(new Problem('busy', 'The request has ended before its turn.'));
  if (res.destroyed) end();
  else res.once('close', end);
  signals.set(res, ended.signal);
  return ended.signal;
}
