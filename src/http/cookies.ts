import type { Ctx } from './context.ts';

export interface CookieJar {
  get(ctx: Ctx, name: string): string | undefined;
  set(ctx: Ctx, name: string, value: string, maxAgeMs?: number): void;
  clear(ctx: Ctx, name: string): void;
}

/**
 * Cookies that scripts cannot read and other sites cannot send along with a POST. Where the console is
 * reached over https they carry the `__Host-` prefix, so that no sibling domain can plant one.
 */
export function createCookieJar(publicUrl: string): CookieJar {
  const secure = new URL(publicUrl).protocol === 'https:';
  const full = (name: string) => `${secure ? '__Host-' : ''}console_${name}`;
  const write = (ctx: Ctx, name: string, value: string | null, maxAge?: number) => {
    // Behind a proxy that ends TLS the connection to us is plain; the address people use decides.
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
  };
}
