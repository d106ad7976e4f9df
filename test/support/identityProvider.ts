import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onFreePort } from './freePort.ts';

// The package warns on every start about settings that only matter in production.
for (const level of ['info', 'warn'] as const) {
  const print = console[level].bind(console);
  console[level] = (...args: unknown[]) => {
    if (!String(args[0]).includes('oidc-provider')) print(...args);
  };
}
const { Provider } = await import('oidc-provider');

export const CLIENT = { id: 'console', secret: 'a-client-secret-that-nobody-guesses' };

export interface IdentityProvider {
  issuer: string;
  /** The users and their groups, by the name that they type at the prompt. */
  people: Record<string, { roles: string[]; claims?: Record<string, unknown> }>;
  stop(): Promise<void>;
  /** Starts again on the same port. */
  start(): Promise<void>;
}

/** Metadata of a client with refresh tokens, which is told when people sign out. */
export const watchedClient = (consoleUrl: string): Record<string, unknown> => ({
  grant_types: ['authorization_code', 'refresh_token'],
  backchannel_logout_uri: `${consoleUrl}/sign-in/back-channel-logout`,
  backchannel_logout_session_required: true,
});

/** A real OpenID provider on loopback, with a prompt that asks for a name and no password. */
export async function startIdentityProvider(
  consoleUrl: string,
  clientMetadata: Record<string, unknown> = {},
): Promise<IdentityProvider> {
  const people: IdentityProvider['people'] = {
    ada: { roles: ['sre'] },
    olga: { roles: ['support', 'everyone'] },
    vic: { roles: ['everyone'] },
    mallory: { roles: ['sales'] },
  };
  type Handler = ReturnType<InstanceType<typeof Provider>['callback']>;
  let handle: (...request: Parameters<Handler>) => void = () => undefined;
  const listen = (port: number) =>
    new Promise<Server>((resolve, reject) => {
      const server = createServer((request, response) => handle(request, response));
      server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server));
    });
  let server = await onFreePort(listen);
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;

  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [`${consoleUrl}/sign-in/callback`],
        post_logout_redirect_uris: [`${consoleUrl}/sign-in`],
        ...clientMetadata,
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'first' }] },
    cookies: { keys: ['keys-of-a-provider-in-a-test'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['preferred_username', 'roles'] },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    // Only for clients that may have them, as some providers do without the scope offline_access.
    issueRefreshToken: async (_: unknown, client: { grantTypeAllowed(type: string): boolean }) =>
      client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    // Without the package's own dispatcher, which refuses loopback addresses.
    fetch: (url: string, { dispatcher: _, ...options }: RequestInit & { dispatcher?: unknown }) => fetch(url, options),
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@example.com`,
        email_verified: true,
        roles: people[id]?.roles ?? [],
        ...people[id]?.claims,
      }),
    }),
    async loadExistingGrant({ oidc }: import('oidc-provider').Context) {
      const { accountId } = oidc.session;
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId });
      grant.addOIDCScope('openid profile email');
      await grant.save();
      return grant;
    },
  });
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next();
    if (ctx.method === 'GET') {
      ctx.type = 'html';
      ctx.body = PROMPT;
      return;
    }
    const accountId = new URLSearchParams(await bodyOf(ctx.req)).get('name') ?? '';
    ctx.respond = false;
    await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId } }, { mergeWithLastSubmission: false });
  });
  handle = provider.callback();

  return {
    issuer,
    people,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    async start() {
      server = await listen(port);
    },
  };
}

const PROMPT = `<!doctype html><html lang="en"><title>Who are you?</title><link rel="icon" href="data:,">
  <form method="post"><label>Name <input name="name"></label> <button>Go on</button></form></html>`;

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
