import type { Ctx } from './context.ts';

export interface Cookie {
  name: string;
  value: string;
}

export interface CookieJar {
  /** The name must be one of a few: the library keeps each one for ever, so that names of a request would fill the memory. */
  get(ctx: Ctx, name: string): string | undefined;
  set(ctx: Ctx, name: string, value: string, maxAgeMs?: number): void;
  clear(ctx: Ctx, name: string): void;
  /** The cookies of the request with such names, in its order. There may be hundreds. */
  all(ctx: Ctx, names: RegExp): Cookie[];
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
    all: (ctx, names) =>
      ctx
        .get('cookie')
        .split(';')
        .map((pair) => splitPair(pair.trim()))
        .filter(({ name }) => name.startsWith(full('')))
        .map(({ name, value }) => ({ name: name.slice(full('').length), value }))
        .filter(({ name }) => names.test(name)),
  };
}

function splitPair(pair: string): Cookie {
  const [name = ''] = pair.split('=', 1);
  return { name, value: pair.slice(name.length + 1) };
}
