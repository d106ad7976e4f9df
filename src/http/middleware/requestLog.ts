import { randomUUID } from 'node:crypto';
import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import { once } from '../../lib/once.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import type { Ctx, RequestState } from '../context.ts';
import { withoutToken } from '../senderToken.ts';

const PLAIN_ID = /^[\w-]{8,64}$/;

/**
 * Gives each request an id (that of a trusted proxy, if it sends one), counts it, and logs one line at DEBUG. Never at a higher
 * level: paths contain words, such as "investigate", that operators search for in the log.
 */
export function requestLog(
  log: Logger,
  { trustProxy, count }: { trustProxy: number; count: ConsoleApi['countRequest'] },
): Middleware<RequestState> {
  const warnOfProxy = once(() =>
    log.warn(
      'requests arrive through a proxy although TRUST_PROXY is 0: all callers count as one address. Set it to the number of proxies.',
    ),
  );
  return async (ctx, next) => {
    const proxyId = ctx.get('x-request-id');
    const id = trustProxy > 0 && PLAIN_ID.test(proxyId) ? proxyId : randomUUID();
    if (trustProxy === 0 && ctx.get('x-forwarded-for') !== '') warnOfProxy();
    ctx.state.requestId = id;
    ctx.state.route = null;
    ctx.state.principal = null;
    ctx.state.principalNow = () => ctx.state.principal;
    ctx.state.source = null;
    ctx.state.session = null;
    ctx.state.authenticationError = null;
    ctx.state.bearer = false;
    ctx.set('X-Request-Id', id);
    const startedAt = performance.now();
    const { method } = ctx;
    const path = ctx.state.path === null ? null : withoutToken(ctx.state.path);
    // Nobody catches an error of this listener, so it must not read anything again that the client sent.
    ctx.res.once('close', () => {
      const ms = Math.round(performance.now() - startedAt);
      const status = ctx.res.statusCode;
      count({ method, route: ctx.state.route, status, seconds: secondsOf(ctx, ms) });
      log.debug({ request_id: id, method, path, status, ms }, 'http request');
    });
    await next();
  };
}

/** null for an event stream, which lasts as long as its page is open. */
const secondsOf = (ctx: Ctx, ms: number): number | null => (ctx.type === 'text/event-stream' ? null : ms / 1_000);
