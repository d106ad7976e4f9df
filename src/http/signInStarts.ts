import { randomBytes } from 'node:crypto';
import { Problem } from '../lib/problem.ts';
import type { ConsoleApi } from './consoleApi.ts';
import type { Ctx } from './context.ts';
import type { CookieJar } from './cookies.ts';
import { createFailedAttempts } from './middleware/failedAttempts.ts';
import type { Signer } from './signing.ts';

/** Limits how many sign-ins a client starts, because each started one may cause calls to the provider. */
export interface SignInStarts {
  /** Throws Problem `too_many_requests`. */
  take(ctx: Ctx): Promise<void>;
  /** A start that could not fail the caller's way, or that a completed sign-in made good, does not count. */
  giveBack(ctx: Ctx): Promise<void>;
  /** Remembers the browser of a person who has signed in. */
  remember(ctx: Ctx): void;
}

const COOKIE = 'known-browser';
const KNOWN_MS = 180 * 86_400_000;
const ALLOWED = 30;

/**
 * Started sign-ins are counted for each network, and give their place back once they are completed. A browser in which
 * somebody has signed in before is counted by itself, so that nobody on the same network can keep its owner out.
 */
export function createSignInStarts({
  jar,
  signer,
  services,
}: {
  jar: CookieJar;
  signer: Signer;
  services: Pick<ConsoleApi, 'countFailures' | 'refused'>;
}): SignInStarts {
  const starts = createFailedAttempts(services, { kind: 'start', allowed: ALLOWED });
  const knownBrowser = (ctx: Ctx) => signer.verify(COOKIE, jar.get(ctx, COOKIE) ?? '');
  const clientOf = (ctx: Ctx) => knownBrowser(ctx) ?? ctx.ip;

  return {
    async take(ctx) {
      const seconds = await starts.count(clientOf(ctx));
      if (seconds === null) return;
      services.refused('too_many_sign_ins', ctx.ip);
      ctx.set('Retry-After', String(seconds));
      throw new Problem(
        'too_many_requests',
        `Too many sign-ins were started from your network and not completed. Try again in ${seconds} s.`,
      );
    },
    giveBack: (ctx) => starts.forgive(clientOf(ctx)),
    remember(ctx) {
      if (knownBrowser(ctx) !== null) return;
      jar.set(ctx, COOKIE, signer.sign(COOKIE, `browser-${randomBytes(12).toString('base64url')}`), KNOWN_MS);
    },
  };
}

/**
 * Browsers say what they load an address for. Only a page may start or complete a sign-in: an image or a frame of another
 * site must do nothing in the visitor's name. Callers that are not browsers do not send the header.
 */
export function isNavigation(ctx: Ctx): boolean {
  const destination = ctx.get('sec-fetch-dest');
  return destination === '' || destination === 'document';
}
