import type { Middleware } from 'koa';
import compress from 'koa-compress';
import type { RequestState } from '../context.ts';

/**
 * Compresses responses. A caller that refuses every encoding, even the plain one, gets the plain one: the library would
 * answer 500 although the request may have been carried out.
 */
export function compression(): Middleware<RequestState> {
  const compressed = compress();
  return async (ctx, next) => {
    if (ctx.acceptsEncodings('zstd', 'br', 'gzip', 'deflate', 'identity') === false) return next();
    await compressed(ctx, next);
  };
}
