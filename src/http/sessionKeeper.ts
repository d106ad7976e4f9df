import { withinPageDeadline } from './answerWithin.ts';
import type { ConsoleApi } from './consoleApi.ts';
import type { Ctx } from './context.ts';
import type { CookieJar } from './cookies.ts';
import { wantsFragment } from './negotiate.ts';
import type { Signer } from './signing.ts';

/** The cookie that says who is signed in. What is in it opens nothing without the record on our side. */
export interface SessionKeeper {
  /** Sets the principal of a request that brings a session which is alive. */
  recognise(ctx: Ctx): Promise<void>;
  give(ctx: Ctx, token: string, maxAgeMs: number): void;
  forget(ctx: Ctx): void;
}

const COOKIE = 'session';

interface Deps {
  jar: CookieJar;
  signer: Signer;
  services: Pick<ConsoleApi, 'session'>;
}

export function createSessionKeeper({ jar, signer, services }: Deps): SessionKeeper {
  return {
    async recognise(ctx) {
      const cookie = jar.get(ctx, COOKIE);
      // What we did not sign is not worth a question to the database.
      const token = cookie === undefined ? null : signer.open(COOKIE, cookie);
      if (token === null) return;
      try {
        const holder = await withinPageDeadline(services.session(token, { use: isUse(ctx) }));
        if (holder === null) return;
        const { id, name, role, remaining_ms: remainingMs } = holder;
        ctx.state.principal = { kind: 'person', name, role, source: null };
        ctx.state.session = { id, token, remainingMs };
      } catch (error) {
        ctx.state.unknown = error;
      }
    },
    give: (ctx, token, maxAgeMs) => jar.set(ctx, COOKIE, signer.sign(COOKIE, token), maxAgeMs),
    forget: (ctx) => jar.clear(ctx, COOKIE),
  };
}

/** An open page asks by itself again and again, which says nothing about whether somebody sits before it. */
function isUse(ctx: Ctx): boolean {
  const isByItself = wantsFragment(ctx) || ctx.get('accept').includes('text/event-stream');
  return ctx.method !== 'GET' || !isByItself;
}
