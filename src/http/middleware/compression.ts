import type { Middleware } from 'koa';
import compress from 'koa-compress';
import type { RequestState } from '../context.ts';

/**
 * Compresses answers as the caller can take them. Whoever refuses every encoding there is, the plain one included, gets
 * the plain one: what was asked for may have been done already, and the library would answer that with a 500.
 */
export function compression(): Middleware<RequestState> {
  const packed = compress();
  return async (ctx, next) => {
    if (ctx.acceptsEncodings('zstd', 'br', 'gzip', 'deflate', 'identity') === false) return next();
    await packed(ctx, next);
  };
}
