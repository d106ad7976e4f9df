import { randomBytes } from 'node:crypto';
import { Problem } from '../lib/problem.ts';
import type { ConsoleApi } from './consoleApi.ts';
import type { Ctx } from './context.ts';
import type { CookieJar } from './cookies.ts';
import { createFailedAttempts } from './middleware/failedAttempts.ts';
import type { Signer } from './signing.ts';

/** Limits how many answers of a client go on to the provider and fail there. */
export interface SignInAnswers {
  /** Called before an answer goes to the provider. Throws Problem `too_many_requests`. */
  take(ctx: Ctx): Promise<void>;
  /** An answer with which a person signed in does not count. */
  giveBack(ctx: Ctx): Promise<void>;
  /** Remembers the browser of a person who has signed in. */
  remember(ctx: Ctx): void;
}

const COOKIE = 'known-browser';
const KNOWN_MS = 180 * 86_400_000;
const ALLOWED = 30;

/**
 * Only what makes us call the provider is counted, for each network. A started sign-in is not: it costs nothing here or
 * there, and others could use up the places. A browser in which somebody has signed in before is counted by itself.
 */
export function createSignInAnswers({
  jar,
  signer,
  services,
}: {
  jar: CookieJar;
  signer: Signer;
  services: Pick<ConsoleApi, 'countFailures' | 'refused'>;
}): SignInAnswers {
  const answers = createFailedAttempts(services, { kind: 'answer', allowed: ALLOWED });
  const knownBrowser = (ctx: Ctx) => signer.verify(COOKIE, jar.get(ctx, COOKIE) ?? '');
  const clientOf = (ctx: Ctx) => knownBrowser(ctx) ?? ctx.ip;

  return {
    async take(ctx) {
      const seconds = await answers.count(clientOf(ctx));
      if (seconds === null) return;
      services.refused('too_many_sign_ins', ctx.ip);
      ctx.set('Retry-After', String(seconds));
      throw new Problem(
        'too_many_requests',
        `Too many sign-ins from your network have failed. Wait ${seconds} s, then load this page again.`,
      );
    },
    giveBack: (ctx) => answers.forgive(clientOf(ctx)),
    remember(ctx) {
      if (knownBrowser(ctx) !== null) return;
      jar.set(ctx, COOKIE, signer.sign(COOKIE, `browser-${randomBytes(12).toString('base64url')}`), KNOWN_MS);
    },
  };
}
