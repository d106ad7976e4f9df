import Router from '@koa/router';
import type { Context } from 'koa';
import { addressOf } from '../guardPages.ts';
import { type NavLink, sendPage } from '../pageShell.tsx';
import { fields } from '../receiveBody.ts';
import { type AuthorizationRequest, type Client, readAuthorizationRequest } from './authorizationRequest.ts';
import type { Codes } from './codes.ts';
import type { IdTokens } from './idTokens.ts';
import { ChoicePage, EndSessionPage, HomePage, MessagePage } from './pages.tsx';
import { chosenPerson } from './people.ts';
import { type Browsers, isEnough, type SignedIn } from './signedIn.ts';

interface Deps {
  product: string;
  nav: NavLink[];
  client: Client;
  codes: Codes;
  tokens: IdTokens;
  browsers: Browsers;
}

/** What people see: the choice of who they are, and signing out. */
export function pageRoutes(deps: Deps): Router {
  const { product, nav, client, browsers } = deps;
  const router = new Router();
  router.get('/', (ctx) => {
    const email = browsers.find(ctx)?.person.email ?? null;
    const links = nav.map((link) => ({ ...link, current: link.href === '/' }));
    sendPage(ctx, <HomePage product={product} nav={links} email={email} client={client} />);
  });
  router.get('/authorize', (ctx) => {
    const request = requestOf(ctx, deps);
    if (request === null) return;
    const signedIn = browsers.find(ctx);
    if (signedIn !== null && isEnough(signedIn, request)) return sendCode(ctx, deps, request, signedIn);
    if (request.prompt === 'none') return sendBack(ctx, client, request, { error: 'login_required' });
    sendPage(ctx, <ChoicePage product={product} nav={nav} problem={null} />);
  });
  router.post('/authorize', (ctx) => {
    const request = requestOf(ctx, deps);
    if (request === null) return;
    const given = fields(ctx);
    if (given.refuse === '1') return sendBack(ctx, client, request, { error: 'access_denied' });
    const person = chosenPerson(given);
    if (person !== null) return sendCode(ctx, deps, request, browsers.signIn(ctx, person));
    sendPage(ctx, <ChoicePage product={product} nav={nav} problem="Enter an e-mail address." />, 400);
  });
  endSessionRoutes(router, deps);
  return router;
}

/**
 * Signing out, as OpenID Connect describes it: at once with an ID token of the person who is signed in here, and after a
 * question without one.
 */
function endSessionRoutes(router: Router, { product, nav, client, tokens, browsers }: Deps): void {
  const signOut = (ctx: Context) => {
    browsers.signOut(ctx);
    const to = ctx.query.post_logout_redirect_uri;
    ctx.redirect(to === client.signedOutUri ? client.signedOutUri : '/');
    ctx.status = 303;
  };
  router.get('/session/end', (ctx) => {
    const hint = ctx.query.id_token_hint;
    const subject = typeof hint === 'string' ? tokens.subjectOf(hint) : null;
    const isOurs = subject !== null && subject === (browsers.find(ctx)?.person.subject ?? subject);
    if (isOurs) return signOut(ctx);
    sendPage(ctx, <EndSessionPage product={product} nav={nav} />);
  });
  router.post('/session/end', signOut);
}

/** The request in the query; null if its refusal is the response. */
function requestOf(ctx: Context, { product, nav, client }: Deps): AuthorizationRequest | null {
  const read = readAuthorizationRequest(new URLSearchParams(ctx.querystring), client);
  if ('request' in read) return read.request;
  if ('untrusted' in read) sendPage(ctx, <MessagePage product={product} nav={nav} text={read.untrusted} />, 400);
  else sendBack(ctx, client, read, { error: read.error, error_description: read.description });
  return null;
}

function sendCode(ctx: Context, { client, codes }: Deps, request: AuthorizationRequest, signedIn: SignedIn): void {
  const { nonce, challenge } = request;
  sendBack(ctx, client, request, { code: codes.issue({ signedIn, nonce, challenge }) });
}

/** Redirects the browser to the console with the answer. */
function sendBack(
  ctx: Context,
  { redirectUri }: Client,
  { state }: Pick<AuthorizationRequest, 'state'>,
  answer: Record<string, string>,
): void {
  const parameters = new URLSearchParams({ ...answer, ...(state === null ? {} : { state }), iss: addressOf(ctx) });
  ctx.redirect(`${redirectUri}?${parameters}`);
  ctx.status = 303;
}
