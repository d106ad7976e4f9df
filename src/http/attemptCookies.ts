import { ATTEMPT_MS, attemptDigest, decodeAttempt } from '../identity/signInAttempt.ts';
import type { Ctx } from './context.ts';
import type { CookieJar } from './cookies.ts';
import type { Signer } from './signing.ts';

/** The sign-ins that a browser has started, one cookie each, so that several tabs can sign in at once. */
export interface AttemptCookies {
  add(ctx: Ctx, attempt: string): void;
  /** The attempt with this state, which is removed; any other one if there is none, so that the mismatch is noticed. */
  take(ctx: Ctx, state: string): string | null;
}

const PURPOSE = 'attempt';
const PREFIX = 'attempt-';
/** More would make the request headers too long. */
const MAX_ATTEMPTS = 5;

export function createAttemptCookies(jar: CookieJar, signer: Signer): AttemptCookies {
  /** Valid attempts, the oldest first; cookies that are not valid any more come before them. */
  function started(ctx: Ctx): { name: string; text: string | null; until: number }[] {
    const all = jar.names(ctx, PREFIX).map((name) => {
      const text = signer.verify(PURPOSE, jar.get(ctx, name) ?? '');
      const attempt = text === null ? null : decodeAttempt(text);
      return { name, text: attempt && text, until: attempt?.until ?? 0 };
    });
    return all.sort((one, other) => one.until - other.until);
  }

  return {
    add(ctx, text) {
      const attempt = decodeAttempt(text);
      if (attempt === null) throw new Error('a new attempt is not valid');
      for (const { name } of started(ctx).slice(0, 1 - MAX_ATTEMPTS)) jar.clear(ctx, name);
      jar.set(ctx, nameOf(attempt.state), signer.sign(PURPOSE, text), ATTEMPT_MS);
    },
    take(ctx, state) {
      const attempts = started(ctx).filter(({ text }) => text !== null);
      const found = attempts.find(({ name }) => name === nameOf(state));
      if (found) jar.clear(ctx, found.name);
      return (found ?? attempts.at(-1))?.text ?? null;
    },
  };
}

/** A cookie name has no secret in it. */
const nameOf = (state: string): string => `${PREFIX}${attemptDigest({ state }).toString('hex').slice(0, 16)}`;
