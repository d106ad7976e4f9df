import { randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import type { AuthorizationRequest } from './authorizationRequest.ts';
import type { Person } from './people.ts';

/** A person in a browser, until they sign out or the program stops. */
export interface SignedIn {
  person: Person;
  /** In seconds since 1970. */
  authenticatedAt: number;
}

/** Who is signed in at the provider itself, by a cookie of the browser. */
export interface Browsers {
  find(ctx: Context): SignedIn | null;
  signIn(ctx: Context, person: Person): SignedIn;
  signOut(ctx: Context): void;
  /** Whether that sign-in still lasts. */
  has(signedIn: SignedIn): boolean;
}

// Browsers send the cookies of one port to every other port of the host, so the name must be our own.
const COOKIE = 'sandbox_provider';

export function createBrowsers(): Browsers {
  const sessions = new Map<string, SignedIn>();
  const idOf = (ctx: Context) => ctx.cookies.get(COOKIE) ?? '';
  return {
    find: (ctx) => sessions.get(idOf(ctx)) ?? null,
    signIn(ctx, person) {
      sessions.delete(idOf(ctx));
      const id = randomBytes(32).toString('base64url');
      const signedIn = { person, authenticatedAt: Math.floor(Date.now() / 1000) };
      sessions.set(id, signedIn);
      ctx.cookies.set(COOKIE, id, { httpOnly: true, sameSite: 'lax', overwrite: true });
      return signedIn;
    },
    signOut(ctx) {
      sessions.delete(idOf(ctx));
      ctx.cookies.set(COOKIE, null);
    },
    has: (signedIn) => [...sessions.values()].includes(signedIn),
  };
}

/** Whether a request is content with an earlier sign-in. */
export function isEnough(
  { authenticatedAt }: SignedIn,
  { prompt, maxAgeS }: Pick<AuthorizationRequest, 'prompt' | 'maxAgeS'>,
): boolean {
  if (prompt === 'login') return false;
  return maxAgeS === null || Date.now() / 1000 - authenticatedAt <= maxAgeS;
}
