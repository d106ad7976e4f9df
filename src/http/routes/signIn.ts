import { HOME, returnPath } from '../../identity/returnPath.ts';
import { ATTEMPT_MS } from '../../identity/signInAttempt.ts';
import { Problem } from '../../lib/problem.ts';
import type { SignIn } from '../../model/people.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import type { Ctx } from '../context.ts';
import type { CookieJar } from '../cookies.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import type { FailedAttempts } from '../middleware/failedAttempts.ts';
import * as answers from '../schemas/answers.ts';
import { beginQuery, noFields, signInQuery } from '../schemas/inputs.ts';
import type { SessionKeeper } from '../sessionKeeper.ts';
import type { Signer } from '../signing.ts';
import { signedOutPage, signInPage } from '../views/signIn.tsx';

export interface SignInDeps {
  services: Pick<ConsoleApi, 'signIn'>;
  jar: CookieJar;
  signer: Signer;
  /** null where nobody signs in. */
  sessions: SessionKeeper | null;
  failures: FailedAttempts;
}

const ATTEMPT = 'attempt';
const home = { kind: 'redirect', to: HOME } as const;

/** The way through the identity provider and out again. Where nobody signs in, all of it leads home. */
export function signInRoutes({ services, jar, signer, sessions, failures }: SignInDeps): Endpoint[] {
  const { signIn } = services;
  if (signIn === null || sessions === null) return elsewhere();

  return [
    endpoint({
      method: 'get',
      path: '/sign-in',
      access: 'anyone',
      summary: 'Where people sign in, and whether the identity provider can be reached.',
      query: signInQuery,
      answers: {
        200: { what: 'Where to go on.', schema: answers.signIn, page: true },
        303: { what: 'For somebody who is signed in: on to `to`.' },
      },
      async handle(ctx, { query }) {
        const person = ctx.state.session === null ? null : ctx.state.principal;
        if (person !== null && query.to !== undefined) return { kind: 'redirect', to: returnPath(query.to) };
        const trouble = await signIn.trouble();
        const start = `/sign-in/start?${new URLSearchParams({ to: returnPath(query.to) })}`;
        const { provider } = signIn;
        const json = { provider, available: trouble === null, trouble, start, signed_in_as: person?.name ?? null };
        return { kind: 'view', json, page: () => signInPage(json) };
      },
    }),
    endpoint({
      method: 'get',
      path: '/sign-in/start',
      access: 'anyone',
      summary: 'On to the identity provider, with a challenge that only this browser can answer.',
      query: beginQuery,
      answers: {
        303: { what: 'The identity provider.' },
        503: { what: 'It cannot be reached (`identity_provider_unavailable`).' },
      },
      async handle(ctx, { query }) {
        const { url, attempt } = await signIn.begin({ to: query.to, asSomebodyElse: query.as === 'somebody-else' });
        jar.set(ctx, ATTEMPT, signer.sign(ATTEMPT, attempt), ATTEMPT_MS);
        return { kind: 'redirect', to: url };
      },
    }),
    endpoint({
      method: 'get',
      path: '/sign-in/callback',
      access: 'anyone',
      summary: 'Where the identity provider sends people back to.',
      answers: {
        303: { what: 'Signed in: on to where they came from.' },
        400: { what: 'Not an answer to believe (`sign_in_failed`).' },
        403: { what: 'None of their groups has a role (`no_role`).' },
        429: { what: 'Too many failed attempts from there.' },
        503: { what: 'The provider does not answer (`identity_provider_unavailable`).' },
      },
      async handle(ctx) {
        // Each try costs the provider a call, so those who have failed too often do not get as far as that.
        refuseForAWhile(ctx, await failures.wait(ctx.ip));
        const cookie = jar.get(ctx, ATTEMPT);
        jar.clear(ctx, ATTEMPT);
        const session = await completed(ctx, signIn, cookie === undefined ? null : signer.open(ATTEMPT, cookie));
        sessions.give(ctx, session.token, session.maxAgeMs);
        return { kind: 'redirect', to: session.to };
      },
    }),
    endpoint({
      method: 'post',
      path: '/sign-out',
      access: 'anyone',
      summary: 'Ends the session. Signing out of the identity provider as well is offered where it can be.',
      form: noFields,
      answers: { 200: { what: 'Signed out.', schema: answers.signedOut, page: true } },
      async handle(ctx) {
        const { session } = ctx.state;
        if (ctx.state.unknown !== null) throw ctx.state.unknown;
        const { providerUrl } = session === null ? { providerUrl: null } : await signIn.end(session.token);
        sessions.forget(ctx);
        jar.clear(ctx, 'csrf');
        ctx.state.principal = ctx.state.bearer ? ctx.state.principal : null;
        const json = { signed_out: true, provider: signIn.provider, provider_sign_out: providerUrl };
        return { kind: 'view', json, page: () => signedOutPage(json) };
      },
    }),
  ];

  async function completed(ctx: Ctx, by: SignIn, attempt: string | null) {
    try {
      return await by.complete({
        attempt,
        answer: new URLSearchParams(ctx.querystring),
        visitor: { address: ctx.ip, userAgent: ctx.get('user-agent') },
        replaces: ctx.state.session?.token ?? null,
      });
    } catch (error) {
      const isTheirs = error instanceof Problem && error.status < 500;
      if (isTheirs) refuseForAWhile(ctx, await failures.count(ctx.ip));
      throw error;
    }
  }
}

function refuseForAWhile(ctx: Ctx, seconds: number | null): void {
  if (seconds === null) return;
  ctx.set('Retry-After', String(seconds));
  throw new Problem('too_many_requests', `Too many failed attempts from here. Try again in ${seconds} s.`);
}

function elsewhere(): Endpoint[] {
  const ways = [
    ['get', '/sign-in'],
    ['get', '/sign-in/start'],
    ['get', '/sign-in/callback'],
    ['post', '/sign-out'],
  ] as const;
  return ways.map(([method, path]) =>
    endpoint({
      method,
      path,
      access: 'anyone',
      summary: 'Nobody signs in here.',
      answers: { 303: { what: 'The status page.' } },
      handle: () => home,
    }),
  );
}
