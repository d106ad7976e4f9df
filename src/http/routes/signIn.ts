import { HOME, returnPath } from '../../identity/returnPath.ts';
import { Problem } from '../../lib/problem.ts';
import type { SignIn } from '../../model/people.ts';
import { type AttemptCookies, createAttemptCookies } from '../attemptCookies.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import type { Ctx } from '../context.ts';
import type { CookieJar } from '../cookies.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { readRaw } from '../middleware/body.ts';
import { isNavigation, isOwnNavigation } from '../navigation.ts';
import * as answers from '../schemas/answers.ts';
import { beginQuery, noFields, signInQuery } from '../schemas/inputs.ts';
import type { SessionCookie } from '../sessionCookie.ts';
import { createSignInAnswers, type SignInAnswers } from '../signInAnswers.ts';
import type { Signer } from '../signing.ts';
import { signedOutPage, signInPage } from '../views/signIn.tsx';

export interface SignInDeps {
  services: Pick<ConsoleApi, 'signIn' | 'countFailures' | 'refused'>;
  jar: CookieJar;
  signer: Signer;
  /** null without a sign-in provider. */
  sessions: SessionCookie | null;
}

const home = { kind: 'redirect', to: HOME } as const;

/** Signing in through the identity provider, and signing out. Without a provider all of these redirect to the status page. */
export function signInRoutes({ services, jar, signer, sessions }: SignInDeps): Endpoint[] {
  const { signIn } = services;
  if (signIn === null || sessions === null) return redirectRoutes();
  const limit = createSignInAnswers({ jar, signer, services });
  const attempts = createAttemptCookies(jar, signer);
  const deps: RouteDeps = { services, signIn, jar, sessions, limit, attempts };
  return [signInPageRoute(deps), startRoute(deps), callbackRoute(deps), signOutRoute(deps), logoutRoute(deps)];
}

interface RouteDeps extends Pick<SignInDeps, 'jar' | 'services'> {
  limit: SignInAnswers;
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

/** Keeps nothing here and calls nobody, so it has no limit that others could use up. */
const startRoute = ({ services, signIn, attempts }: RouteDeps): Endpoint =>
  endpoint({
    method: 'get',
    path: '/sign-in/start',
    access: 'anyone',
    summary: 'Starts a sign-in and redirects to the identity provider.',
    query: beginQuery,
    answers: {
      303: { description: 'The identity provider; `/sign-in` unless a person opened this address from here.' },
      503: { description: 'The provider is unavailable (`identity_provider_unavailable`).' },
    },
    async handle(ctx, { query }) {
      if (!isOwnNavigation(ctx)) {
        services.refused('not_a_navigation', ctx.ip);
        return { kind: 'redirect', to: `/sign-in?${new URLSearchParams({ to: returnPath(query.to) })}` };
      }
      const { url, attempt } = await signIn.begin({
        to: query.to,
        asSomebodyElse: query.as === 'somebody-else',
        again: query.as === 'again',
      });
      attempts.add(ctx, attempt);
      return { kind: 'redirect', to: url };
    },
  });

/** Each attempt is a permit for one call to the provider. One that has to wait for the limit can be sent again. */
function callbackRoute({ services, signIn, attempts, sessions, limit }: RouteDeps): Endpoint {
  return endpoint({
    method: 'get',
    path: '/sign-in/callback',
    access: 'anyone',
    summary: 'Completes a sign-in. The identity provider redirects the browser here.',
    answers: {
      303: { description: 'Signed in: redirects to the page that was requested first.' },
      400: { description: "The provider's response is not valid (`sign_in_failed`)." },
      403: { description: "None of the person's groups has a role (`no_role`)." },
      429: { description: 'Too many sign-ins of this network failed. The same address can be loaded again later.' },
      503: { description: 'The provider is unavailable (`identity_provider_unavailable`).' },
    },
    async handle(ctx) {
      mustNavigate(ctx, services);
      const answer = new URLSearchParams(ctx.querystring);
      const attempt = attempts.take(ctx, answer.get('state') ?? '');
      const session = await signIn.complete({
        attempt,
        answer,
        mayCall: () =>
          limit.take(ctx).catch((error: unknown) => {
            if (attempt !== null) attempts.restore(ctx, attempt);
            throw error;
          }),
        visitor: { address: ctx.ip, userAgent: ctx.get('user-agent') },
        replaces: ctx.state.session?.token ?? null,
      });
      sessions.set(ctx, session.token, session.maxAgeMs);
      await limit.giveBack(ctx);
      limit.remember(ctx);
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

/** OpenID Connect Back-Channel Logout 1.0. The provider sends no session; its signature in the token is all that counts. */
const logoutRoute = ({ signIn }: RouteDeps): Endpoint =>
  endpoint({
    method: 'post',
    path: '/sign-in/back-channel-logout',
    access: 'anyone',
    summary: 'Ends the sessions of a person who signed out at the provider, which sends `logout_token` as a form.',
    raw: true,
    rawTypes: ['application/x-www-form-urlencoded'],
    answers: {
      200: { description: 'The sessions have ended, in every process.', schema: answers.loggedOut },
      400: { description: 'The token is not valid, too old, or was used before.' },
      503: { description: 'The keys of the provider cannot be read (`identity_provider_unavailable`).' },
    },
    async handle(ctx) {
      const fields = new URLSearchParams((await readRaw(ctx)).toString());
      return { kind: 'json', json: await signIn.logout(fields.get('logout_token') ?? '', ctx.ip) };
    },
  });

function mustNavigate(ctx: Ctx, { refused }: Pick<ConsoleApi, 'refused'>): void {
  if (isNavigation(ctx)) return;
  refused('not_a_navigation', ctx.ip);
  throw new Problem('sign_in_failed', 'Open this address as a page of its own in the browser.');
}

function redirectRoutes(): Endpoint[] {
  const routes = [
    ['get', '/sign-in'],
    ['get', '/sign-in/start'],
    ['get', '/sign-in/callback'],
    ['post', '/sign-out'],
    ['post', '/sign-in/back-channel-logout'],
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
