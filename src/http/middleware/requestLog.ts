import { randomUUID } from 'node:crypto';
import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import type { RequestState } from '../context.ts';
import { withoutToken } from '../senderToken.ts';

const PLAIN_ID = /^[\w-]{8,64}$/;

/**
 * Gives each request an id (that of a trusted proxy, if it sends one) and logs one line at DEBUG. Never at a higher
 * level: paths contain words, such as "investigate", that operators search for in the log.
 */
export function requestLog(log: Logger, trustProxy: boolean): Middleware<RequestState> {
  return async (ctx, next) => {
    const proxyId = ctx.get('x-request-id');
    const id = trustProxy && PLAIN_ID.test(proxyId) ? proxyId : randomUUID();
    ctx.state.requestId = id;
    ctx.state.principal = null;
    ctx.state.session = null;
    ctx.state.authenticationError = null;
    ctx.state.bearer = false;
    ctx.set('X-Request-Id', id);
    const startedAt = performance.now();
    ctx.res.once('close', () => {
      const ms = Math.round(performance.now() - startedAt);
      const path = withoutToken(ctx.path);
      log.debug({ request_id: id, method: ctx.method, path, status: ctx.res.statusCode, ms }, 'http request');
    });
    await next();
  };
}
