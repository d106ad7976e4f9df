import type { ConsoleApi } from './consoleApi.ts';
import type { Ctx } from './context.ts';
import type { CookieJar } from './cookies.ts';
import { withPageDeadline } from './deadlines.ts';
import { wantsFragment } from './negotiate.ts';
import type { Signer } from './signing.ts';

/** The cookie that holds the session token of a signed-in person. */
export interface SessionCookie {
  /** Sets the principal of a request whose cookie belongs to a live session. */
  authenticate(ctx: Ctx): Promise<void>;
  set(ctx: Ctx, token: string, maxAgeMs: number): void;
  clear(ctx: Ctx): void;
}

const COOKIE = 'session';

interface Deps {
  jar: CookieJar;
  signer: Signer;
  services: Pick<ConsoleApi, 'session'>;
}

export function createSessionCookie({ jar, signer, services }: Deps): SessionCookie {
  return {
    async authenticate(ctx) {
      const cookie = jar.get(ctx, COOKIE);
      // A cookie that we did not sign must not cost a database query.
      const token = cookie === undefined ? null : signer.verify(COOKIE, cookie);
      if (token === null) return;
      try {
        const holder = await withPageDeadline(services.session(token, { use: isActivity(ctx) }));
        if (holder === null) return;
        const { id, name, role, remaining_ms: remainingMs, authenticated_ms: authenticatedMs } = holder;
        ctx.state.principal = { kind: 'person', name, role, source: null };
        ctx.state.session = { id, token, remainingMs, authenticatedMs };
      } catch (error) {
        ctx.state.authenticationError = error;
      }
    },
    set: (ctx, token, maxAgeMs) => jar.set(ctx, COOKIE, signer.sign(COOKIE, token), maxAgeMs),
    clear: (ctx) => jar.clear(ctx, COOKIE),
  };
}

/** Background requests of an open page do not show that a person is active, so they do not extend the session. */
function isActivity(ctx: Ctx): boolean {
  const isBackground = wantsFragment(ctx) || ctx.get('accept').includes('text/event-stream');
  return ctx.method !== 'GET' || !isBackground;
}
