import type { Middleware } from 'koa';
import type { ServiceStates } from './serviceStates.ts';

const RETRY_AFTER_SECONDS = 30;

/** Answers the health checks of every service according to its state. Nobody asks for an unresolvable one. */
export function healthEndpoint(states: ServiceStates, slowMs: number): Middleware {
  return async (ctx, next) => {
    const id = /^\/s\/([^/]+)\/healthz$/.exec(ctx.path)?.[1] ?? '';
    const state = states.of(id);
    if (state === undefined) return next();
    if (state === 'hanging') {
      ctx.respond = false;
      return;
    }
    if (state === 'redirecting') {
      ctx.redirect('/');
      return;
    }
    if (state === 'slow') await new Promise((resolve) => setTimeout(resolve, slowMs).unref());
    if (state === 'down') ctx.status = 500;
    if (state === 'busy') {
      ctx.status = 503;
      ctx.set('Retry-After', String(RETRY_AFTER_SECONDS));
    }
    const isHealthy = state === 'healthy' || state === 'slow';
    ctx.body = { status: isHealthy ? 'ok' : state, service: id };
  };
}
