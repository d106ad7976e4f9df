import type { Ctx } from './context.ts';

export interface CookieJar {
  get(ctx: Ctx, name: string): string | undefined;
  set(ctx: Ctx, name: string, value: string, maxAgeMs?: number): void;
  clear(ctx: Ctx, name: string): void;
  /** The names of the cookies of the request that begin like this. */
  names(ctx: Ctx, prefix: string): string[];
}

/** HttpOnly, SameSite=Lax cookies. Over https they have the `__Host-` prefix, so that no sibling domain can set them. */
export function createCookieJar(publicUrl: string): CookieJar {
  const secure = new URL(publicUrl).protocol === 'https:';
  const full = (name: string) => `${secure ? '__Host-' : ''}console_${name}`;
  const write = (ctx: Ctx, name: string, value: string | null, maxAge?: number) => {
    // Behind a proxy that terminates TLS this connection is plain http, so the public address decides.
    ctx.cookies.secure = secure;
    ctx.cookies.set(full(name), value, {
      httpOnly: true,
      sameSite: 'lax',
      path: '/',
      secure,
      overwrite: true,
      ...(maxAge === undefined ? {} : { maxAge }),
    });
  };

  return {
    get: (ctx, name) => ctx.cookies.get(full(name)),
    set: (ctx, name, value, maxAgeMs) => write(ctx, name, value, maxAgeMs),
    clear: (ctx, name) => write(ctx, name, null),
    names: (ctx, prefix) =>
      ctx
        .get('cookie')
        .split(';')
        .map((pair) => pair.trim().split('=', 1)[0] ?? '')
        .filter((name) => name.startsWith(full(prefix)))
        .map((name) => name.slice(full('').length)),
  };
}
