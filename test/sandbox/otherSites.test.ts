import { mkdtemp, stat, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Router, { type Layer } from '@koa/router';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startSandboxFreeScout } from '../../src/sandbox/freescout/sandboxFreeScout.ts';
import { startSandboxProvider } from '../../src/sandbox/openid/sandboxProvider.ts';
import { sandboxKeys } from '../../src/sandbox/sandboxKeys.ts';
import { startSandboxServices } from '../../src/sandbox/services/sandboxServices.ts';
import { startSandboxSlack } from '../../src/sandbox/slack/sandboxSlack.ts';

const KEY = 'a-key-that-the-attacker-knows';
const CONSOLE = 'http://127.0.0.1:5200';

interface Sandbox {
  url: string;
  stop(): Promise<void>;
}
interface Route {
  method: string;
  path: string;
}

/** What programs call. The paths of FreeScout are those of a router; the others have none. */
const API = {
  freescout: /^\/api\//i,
  slack: /^\/api\//,
  services: /healthz$/,
  provider: /^\/(token|jwks|\.well-known)/,
};
type Name = keyof typeof API;
const WITHOUT_ROUTER: Record<Name, Route[]> = {
  freescout: [{ method: 'POST', path: '/API/conversations' }],
  slack: ['POST', 'GET'].flatMap((method) =>
    ['chat.postMessage', 'conversations.history', 'auth.test'].map((name) => ({ method, path: `/api/${name}` })),
  ),
  services: [{ method: 'GET', path: '/s/api-prod/healthz' }],
  provider: [
    { method: 'POST', path: '/token' },
    { method: 'GET', path: '/jwks' },
    { method: 'GET', path: '/.well-known/openid-configuration' },
  ],
};
const NAMED: Record<string, string> = { ':action': 'trash', ':name': 'sandbox.css' };

const registered = vi.spyOn(Router.prototype as { register(...route: unknown[]): Layer }, 'register');
const sandboxes = new Map<Name, Sandbox & { routes: Route[] }>();

/** Starts a sandbox, and keeps every route that it registers. */
async function start(name: Name, starting: () => Promise<Sandbox>): Promise<void> {
  registered.mockClear();
  const { url, stop } = await starting();
  const layers = registered.mock.results.map(({ value }) => value as Layer);
  const own = layers.flatMap(({ methods, path }) => {
    const known = String(path).replace(/:\w+/g, (parameter) => NAMED[parameter] ?? '1');
    return methods.filter((method) => method !== 'HEAD').map((method) => ({ method, path: known }));
  });
  sandboxes.set(name, { url, stop, routes: [...own, ...WITHOUT_ROUTER[name]] });
}
beforeAll(async () => {
  await start('freescout', () => startSandboxFreeScout({ apiKey: KEY, webhookTargets: [CONSOLE] }));
  await start('slack', () => startSandboxSlack({ token: KEY, userId: 'U0OPERATOR' }));
  await start('services', () => startSandboxServices());
  await start('provider', () => startSandboxProvider({ client: { id: 'console', secret: KEY }, consoleUrl: CONSOLE }));
});
afterAll(() => Promise.all([...sandboxes.values()].map((sandbox) => sandbox.stop())));

const freescout = () => sandboxes.get('freescout')?.url;

/** Unlike fetch, lets a test set Host. */
function send(url: string, method: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response: IncomingMessage) => {
      resolve(response.statusCode);
      response.destroy();
    });
    sent.once('error', reject).end(method === 'POST' || method === 'PUT' ? '{}' : undefined);
  });
}

/** The routes that answer such a request with anything but a refusal. */
async function open(name: Name, routes: readonly Route[], headers: Record<string, string>): Promise<string[]> {
  const found: string[] = [];
  for (const { method, path } of routes) {
    const url = `${sandboxes.get(name)?.url}${path}?api_key=${KEY}&token=${KEY}`;
    const status = await send(url, method, { 'content-type': 'application/json', ...headers });
    if (status !== 403) found.push(`${method} ${path} ${status} ${JSON.stringify(headers)}`);
  }
  return found;
}

const FOREIGN_ORIGINS = ['http://evil.test', 'null', CONSOLE].flatMap((origin) => [
  { origin },
  { origin, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
]);
const FOREIGN_SITES = ['cross-site', 'same-site'];
const FOREIGN_PARTS = FOREIGN_SITES.flatMap((site) =>
  ['cors', 'no-cors', 'websocket'].map((mode) => ({ 'sec-fetch-site': site, 'sec-fetch-mode': mode })),
);
/** Old browsers do not name the mode. */
const FOREIGN_LINKS = FOREIGN_SITES.flatMap((site) => [
  { 'sec-fetch-site': site },
  { 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate' },
]);

describe.each(['freescout', 'slack', 'services', 'provider'] as const)('the sandbox %s', (name) => {
  it('refuses every route under a name that a site has made up', async () => {
    const { routes = [] } = sandboxes.get(name) ?? {};
    expect(routes.length).toBeGreaterThan(15);
    expect(await open(name, routes, { host: 'rebind.test' })).toEqual([]);
  });

  it('refuses every route when another origin, or a script or an image of another site, requests it', async () => {
    const { routes = [] } = sandboxes.get(name) ?? {};
    for (const headers of [...FOREIGN_ORIGINS, ...FOREIGN_PARTS]) {
      expect(await open(name, routes, headers)).toEqual([]);
    }
  });

  it('refuses every route but links to pages when a page of another site sends the browser there', async () => {
    const { routes = [] } = sandboxes.get(name) ?? {};
    const isPage = ({ method, path }: Route) => method === 'GET' && !API[name].test(path);
    const guarded = routes.filter((route) => !isPage(route));
    expect(guarded.length).toBeGreaterThan(7);
    const pages = routes.filter(isPage);
    expect(pages.length).toBeGreaterThan(3);
    for (const headers of FOREIGN_LINKS) {
      expect(await open(name, guarded, headers)).toEqual([]);
      expect(await open(name, pages, headers)).toHaveLength(pages.length);
    }
  });

  it('gives its pages to itself and to programs, whatever mode they name', async () => {
    const pages = [{ method: 'GET', path: '/' }];
    const own = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' };
    for (const headers of [own, { 'sec-fetch-mode': 'cors' }, { origin: sandboxes.get(name)?.url ?? '' }]) {
      expect(await open(name, pages, headers)).toHaveLength(1);
    }
  });
});

it('JSON counts only with the content type of JSON, which a page of another site must ask for', async () => {
  const url = `${freescout()}/api/conversations?api_key=${KEY}`;
  const status = async (type: string) =>
    (await fetch(url, { method: 'POST', body: '{}', headers: { 'content-type': type } })).status;
  const body = JSON.stringify({ url: `${CONSOLE}/x`, events: ['convo.status'] });
  const register = async (type: string) =>
    (
      await fetch(`${freescout()}/api/webhooks?api_key=${KEY}`, {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      })
    ).status;
  expect(await status('application/json')).toBe(400);
  expect([await register('text/plain;a=/json'), await register('application/json; charset=utf-8')]).toEqual([400, 201]);
});

it('webhooks go to the console only, not to other programs of this machine', async () => {
  const register = async (url: string) => {
    const body = JSON.stringify({ url, events: ['convo.status'] });
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${freescout()}/api/webhooks?api_key=${KEY}`, { method: 'POST', body, headers })).status;
  };
  const targets = [
    `${CONSOLE}/api/webhooks/freescout`,
    'http://127.0.0.1:5298/',
    `${freescout()}/conversation/1/trash`,
  ];
  expect(await Promise.all(targets.map(register))).toEqual([201, 400, 400]);
});

it('a path of two slashes leads to no other site', async () => {
  const answer = await fetch(`${freescout()}//evil.test/`, { redirect: 'manual' });
  expect(answer.headers.get('location') ?? '').not.toMatch(/^\/\//);
  expect((await fetch(`${freescout()}/assets/__proto__`)).status).toBe(404);
});

it('the keys of the sandbox are random, kept, and readable by their user only', async () => {
  const files = [0, 1].map(async () => join(await mkdtemp(join(tmpdir(), 'sandbox-keys-')), 'sandbox', 'keys.json'));
  const [one = '', other = ''] = await Promise.all(files);
  const keys = await sandboxKeys(one);
  expect(await sandboxKeys(one)).toEqual(keys);
  // Those of an older release are kept beside the new ones.
  const { freescout, slack } = keys;
  await writeFile(one, JSON.stringify({ freescout, slack }));
  expect(await sandboxKeys(one)).toMatchObject({ freescout, slack, client: expect.stringMatching(/^\w{64}$/) });
  expect(await sandboxKeys(other)).not.toEqual(keys);
  expect((await stat(one)).mode & 0o777).toBe(0o600);
});
