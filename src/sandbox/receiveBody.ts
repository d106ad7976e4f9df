import type { Context, Middleware } from 'koa';

/** Reads the body up to `limit` bytes. The rest is read and dropped, so that the client gets the response. */
export function receiveBody(limit: number): Middleware {
  return async (ctx, next) => {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of ctx.req) {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
    }
    ctx.state.rawBody = Buffer.concat(chunks);
    ctx.state.bodyTooLarge = size > limit;
    await next();
  };
}

/** The bytes that `receiveBody` read; empty before it ran. */
export function rawBody(ctx: Context): Buffer {
  const raw: unknown = ctx.state.rawBody;
  return Buffer.isBuffer(raw) ? raw : Buffer.alloc(0);
}

/** The body was larger than the limit given to `receiveBody`. */
export function bodyTooLarge(ctx: Context): boolean {
  return ctx.state.bodyTooLarge === true;
}

/** A JSON object or a form as a flat record; `{}` for anything else. The last value of a repeated form field wins. */
export function fields(ctx: Context): Record<string, unknown> {
  const text = rawBody(ctx).toString('utf8');
  if (isForm(ctx)) return Object.fromEntries(new URLSearchParams(text));
  return jsonObject(text);
}

/** The request came from the form of a page, so the response is a redirect instead of JSON. */
export function isForm(ctx: Context): boolean {
  return ctx.get('content-type').startsWith('application/x-www-form-urlencoded');
}

/** Parses a JSON object; `{}` for malformed text and for anything that is not an object. */
export function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}
