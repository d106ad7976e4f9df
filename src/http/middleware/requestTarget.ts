import type { Middleware } from 'koa';
import { Problem } from '../../lib/problem.ts';
import type { Ctx, RequestState } from '../context.ts';

/**
 * Reads the path of a request once, before every other layer. Koa parses the target at each access to `ctx.path` and
 * `ctx.query`, and throws where that is not possible; in the listener of an event, such an error would end the process. So
 * a target that cannot be read is replaced by one that can, and `refuseUnreadable` refuses the request.
 */
export const readTarget: Middleware<RequestState> = async (ctx, next) => {
  ctx.state.path = readPath(ctx);
  if (ctx.state.path === null) ctx.url = '/';
  await next();
};

/** Goes inside of the layer that turns errors into responses. */
export const refuseUnreadable: Middleware<RequestState> = async (ctx, next) => {
  if (ctx.state.path === null) throw new Problem('bad_request', 'The target of the request must be a path.');
  await next();
};

/**
 * null for everything but a path, such as the whole address that is sent to a proxy: its host need not be that of the Host
 * header, which is checked, and a proxy in front that blocks some paths may not recognize them in it.
 */
function readPath(ctx: Ctx): string | null {
  if (!ctx.url.startsWith('/')) return null;
  try {
    return ctx.path;
  } catch {
    return null;
  }
}
