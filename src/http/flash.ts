import type { Ctx } from './context.ts';
import type { CookieJar } from './cookies.ts';
import type { Signer } from './signing.ts';

/** A one-time message about the previous action, shown on the next page. */
export interface Flash {
  tone: 'good' | 'bad' | 'note';
  text: string;
  link?: { href: string; label: string };
  /** The surface it is about; its tile shows the message too. */
  surfaceId?: string;
}

export interface Flashes {
  put(ctx: Ctx, flash: Flash): void;
  /** Returns the message and removes it. */
  take(ctx: Ctx): Flash | null;
}

const LIFETIME_MS = 60_000;
/** Browsers limit a cookie to 4 KiB. */
const MAX_TEXT = 600;

export function createFlashes({ jar, signer }: { jar: CookieJar; signer: Signer }): Flashes {
  return {
    put(ctx, flash) {
      const short = { ...flash, text: flash.text.slice(0, MAX_TEXT) };
      const value = Buffer.from(JSON.stringify(short)).toString('base64url');
      jar.set(ctx, 'flash', signer.sign('flash', value), LIFETIME_MS);
    },
    take(ctx) {
      const cookie = jar.get(ctx, 'flash');
      if (!cookie) return null;
      jar.clear(ctx, 'flash');
      const value = signer.verify('flash', cookie);
      return value === null ? null : (JSON.parse(Buffer.from(value, 'base64url').toString()) as Flash);
    },
  };
}
