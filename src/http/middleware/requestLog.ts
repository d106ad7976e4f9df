import { randomUUID } from 'node:crypto';
import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import type { RequestState } from '../context.ts';

const PLAIN_ID = /^[\w-]{8,64}$/;

/**
 * Gives each request an id (a trusted proxy's own, where it sends one) and one line at DEBUG. Never
 * higher: addresses contain words that are searched for in the log and must mean what they say.
 */
export function requestLog(log: Logger, trustProxy: boolean): Middleware<RequestState> {
  return async (ctx, next) => {
    const given = ctx.get('x-request-id');
    const id = trustProxy && PLAIN_ID.test(given) ? given : randomUUID();
    ctx.state.requestId = id;
    ctx.state.principal = null;
    ctx.state.session = null;
    ctx.state.unknown = null;
    ctx.state.bearer = false;
    ctx.set('X-Request-Id', id);
    const began = performance.now();
    ctx.res.once('close', () => {
      const ms = Math.round(performance.now() - began);
      log.debug({ request_id: id, method: ctx.method, path: ctx.path, status: ctx.res.statusCode, ms }, 'http request');
    });
    await next();
  };
}
