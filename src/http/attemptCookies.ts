import { ATTEMPT_MS, attemptDigest, decodeAttempt } from '../identity/signInAttempt.ts';
import type { Ctx } from './context.ts';
import type { Cookie, CookieJar } from './cookies.ts';
import type { Signer } from './signing.ts';

/** The sign-ins that a browser has started, one cookie each, so that several tabs can sign in at once. */
export interface AttemptCookies {
  add(ctx: Ctx, attempt: string): void;
  /** The attempt with this state, which is removed; any other one if there is none, so that the mismatch is noticed. */
  take(ctx: Ctx, state: string): string | null;
  /** Puts one back that was taken, and not used. */
  restore(ctx: Ctx, attempt: string): void;
}

const PURPOSE = 'attempt';
const PREFIX = 'attempt-';
const NAME = /^attempt-[0-9a-f]{16}$/;
/** More would make the request headers too long. */
const MAX_ATTEMPTS = 5;
/** A browser has few of these cookies, but a stranger can send hundreds. The rest is not looked at. */
const MAX_READ = 4 * MAX_ATTEMPTS;

export function createAttemptCookies(jar: CookieJar, signer: Signer): AttemptCookies {
  function read({ name, value }: Cookie): { name: string; text: string | null; until: number } {
    const text = signer.verify(PURPOSE, value);
    const attempt = text === null ? null : decodeAttempt(text);
    return { name, text: attempt && text, until: attempt?.until ?? 0 };
  }

  /** Valid attempts, the oldest first; cookies that are not valid any more come before them. */
  const started = (cookies: readonly Cookie[]) =>
    cookies
      .slice(0, MAX_READ)
      .map(read)
      .sort((one, other) => one.until - other.until);

  const write = (ctx: Ctx, state: string, text: string) =>
    jar.set(ctx, nameOf(state), signer.sign(PURPOSE, text), ATTEMPT_MS);

  return {
    add(ctx, text) {
      const attempt = decodeAttempt(text);
      if (attempt === null) throw new Error('a new attempt is not valid');
      for (const { name } of started(jar.all(ctx, NAME)).slice(0, 1 - MAX_ATTEMPTS)) jar.clear(ctx, name);
      write(ctx, attempt.state, text);
    },
    take(ctx, state) {
      const cookies = jar.all(ctx, NAME);
      const wanted = nameOf(state);
      const found = cookies.find(({ name }) => name === wanted);
      const text = found === undefined ? null : read(found).text;
      if (text === null) return started(cookies).at(-1)?.text ?? null;
      jar.clear(ctx, wanted);
      return text;
    },
    restore(ctx, text) {
      const attempt = decodeAttempt(text);
      if (attempt !== null) write(ctx, attempt.state, text);
    },
  };
}

/** A cookie name has no secret in it. */
const nameOf = (state: string): string => `${PREFIX}${attemptDigest({ state }).toString('hex').slice(0, 16)}`;
