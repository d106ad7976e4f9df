import { HOME, returnPath } from '../../identity/returnPath.ts';
import { Problem } from '../../lib/problem.ts';
import type { SignIn } from '../../model/people.ts';
import { type AttemptCookies, createAttemptCookies } from '../attemptCookies.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import type { Ctx } from '../context.ts';
import type { CookieJar } from '../cookies.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import type { FailedAttempts } from '../middleware/failedAttempts.ts';
import * as answers from '../schemas/answers.ts';
import { beginQuery, noFields, signInQuery } from '../schemas/inputs.ts';
import type { SessionCookie } from '../sessionCookie.ts';
import type { Signer } from '../signing.ts';
import { signedOutPage, signInPage } from '../views/signIn.tsx';

export interface SignInDeps {
  services: Pick<ConsoleApi, 'signIn'>;
  jar: CookieJar;
  signer: Signer;
  /** null without a sign-in provider. */
  sessions: SessionCookie | null;
  failures: FailedAttempts;
}

const home = { kind: 'redirect', to: HOME } as const;

/** Signing in through the identity provider, and signing out. Without a provider all of these redirect to the status page. */
export function signInRoutes({ services, jar, signer, sessions, failures }: SignInDeps): Endpoint[] {
  const { signIn } = services;
  if (signIn === null || sessions === null) return redirectRoutes();
  const deps: RouteDeps = { signIn, jar, sessions, failures, attempts: createAttemptCookies(jar, signer) };
  return [signInPageRoute(deps), startRoute(deps), callbackRoute(deps), signOutRoute(deps)];
}

interface RouteDeps extends Pick<SignInDeps, 'jar' | 'failures'> {
  attempts: AttemptCookies;
  signIn: SignIn;
  sessions: SessionCookie;
}

const signInPageRoute = ({ signIn }: RouteDeps): Endpoint =>
  endpoint({
    method: 'get',
    path: '/sign-in',
    access: 'anyone',
    summary: 'Returns the link to sign in, and whether the identity provider is available.',
    query: signInQuery,
    answers: {
      200: { description: 'The sign-in page.', schema: answers.signIn, page: true },
      303: { description: 'For a signed-in person: redirects to `to`.' },
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
  });

const startRoute = ({ signIn, attempts }: RouteDeps): Endpoint =>
  endpoint({
    method: 'get',
    path: '/sign-in/start',
    access: 'anyone',
    summary: 'Starts a sign-in and redirects to the identity provider.',
    query: beginQuery,
    answers: {
      303: { description: 'The identity provider.' },
      503: { description: 'The provider is unavailable (`identity_provider_unavailable`).' },
    },
    async handle(ctx, { query }) {
      const { url, attempt } = await signIn.begin({ to: query.to, asSomebodyElse: query.as === 'somebody-else' });
      attempts.add(ctx, attempt);
      return { kind: 'redirect', to: url };
    },
  });

function callbackRoute({ signIn, attempts, sessions, failures }: RouteDeps): Endpoint {
  async function complete(ctx: Ctx, attempt: string | null) {
    try {
      return await signIn.complete({
        attempt,
        answer: new URLSearchParams(ctx.querystring),
        visitor: { address: ctx.ip, userAgent: ctx.get('user-agent') },
        replaces: ctx.state.session?.token ?? null,
      });
    } catch (error) {
      const isCallerFault = error instanceof Problem && error.status < 500;
      if (isCallerFault) throwIfLimited(ctx, await failures.count(ctx.ip));
      throw error;
    }
  }

  return endpoint({
    method: 'get',
    path: '/sign-in/callback',
    access: 'anyone',
    summary: 'Completes a sign-in. The identity provider redirects the browser here.',
    answers: {
      303: { description: 'Signed in: redirects to the page that was requested first.' },
      400: { description: "The provider's response is not valid (`sign_in_failed`)." },
      403: { description: "None of the person's groups has a role (`no_role`)." },
      429: { description: 'Too many failed attempts from this network.' },
      503: { description: 'The provider is unavailable (`identity_provider_unavailable`).' },
    },
    async handle(ctx) {
      // Each attempt costs a call to the provider, so networks with too many failures are refused before it.
      throwIfLimited(ctx, await failures.wait(ctx.ip));
      const state = new URLSearchParams(ctx.querystring).get('state') ?? '';
      const session = await complete(ctx, attempts.take(ctx, state));
      sessions.set(ctx, session.token, session.maxAgeMs);
      return { kind: 'redirect', to: session.to };
    },
  });
}

const signOutRoute = ({ signIn, jar, sessions }: RouteDeps): Endpoint =>
  endpoint({
    method: 'post',
    path: '/sign-out',
    access: 'anyone',
    summary: 'Ends the session, and returns the sign-out link of the identity provider if it has one.',
    form: noFields,
    answers: { 200: { description: 'Signed out.', schema: answers.signedOut, page: true } },
    async handle(ctx) {
      const { session } = ctx.state;
      if (ctx.state.authenticationError !== null) throw ctx.state.authenticationError;
      const { providerUrl } = session === null ? { providerUrl: null } : await signIn.end(session.token);
      sessions.clear(ctx);
      jar.clear(ctx, 'csrf');
      ctx.state.principal = ctx.state.bearer ? ctx.state.principal : null;
      const json = { signed_out: true, provider: signIn.provider, provider_sign_out: providerUrl };
      return { kind: 'view', json, page: () => signedOutPage(json) };
    },
  });

function throwIfLimited(ctx: Ctx, seconds: number | null): void {
  if (seconds === null) return;
  ctx.set('Retry-After', String(seconds));
  throw new Problem('too_many_requests', `Too many failed attempts from your network. Try again in ${seconds} s.`);
}

function redirectRoutes(): Endpoint[] {
  const routes = [
    ['get', '/sign-in'],
    ['get', '/sign-in/start'],
    ['get', '/sign-in/callback'],
    ['post', '/sign-out'],
  ] as const;
  return routes.map(([method, path]) =>
    endpoint({
      method,
      path,
      access: 'anyone',
      summary: 'Redirects to the status page, because no sign-in provider is set.',
      answers: { 303: { description: 'The status page.' } },
      handle: () => home,
    }),
  );
}
