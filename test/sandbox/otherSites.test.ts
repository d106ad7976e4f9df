import { mkdtemp, stat, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSandboxFreeScout } from '../../src/sandbox/freescout/sandboxFreeScout.ts';
import { startSandboxProvider } from '../../src/sandbox/openid/sandboxProvider.ts';
import { sandboxKeys } from '../../src/sandbox/sandboxKeys.ts';
import { startSandboxServices } from '../../src/sandbox/services/sandboxServices.ts';
import { startSandboxSlack } from '../../src/sandbox/slack/sandboxSlack.ts';

const KEY = 'a-key-that-the-attacker-knows';
const CONSOLE = 'http://127.0.0.1:5200';

type Sandbox = Awaited<ReturnType<typeof startAll>>[number];
const startAll = async () => [
  await startSandboxFreeScout({ apiKey: KEY, webhookTargets: [CONSOLE] }),
  await startSandboxSlack({ token: KEY, userId: 'U0OPERATOR' }),
  await startSandboxServices(),
  await startSandboxProvider({ client: { id: 'console', secret: KEY }, consoleUrl: CONSOLE }),
];
let sandboxes: Sandbox[];
beforeAll(async () => {
  sandboxes = await startAll();
});
afterAll(() => Promise.all(sandboxes.map((sandbox) => sandbox.stop())));

/** Unlike fetch, lets a test set Host. */
function send(url: string, method: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response: IncomingMessage) => {
      response.resume().once('end', () => resolve(response.statusCode));
    });
    sent.once('error', reject).end(method === 'POST' || method === 'PUT' ? '{}' : undefined);
  });
}

const API = [
  ['GET', `/api/conversations?api_key=${KEY}`],
  ['POST', `/api/conversations?api_key=${KEY}`],
  ['POST', `/api/conversations/1/threads?api_key=${KEY}`],
  ['PUT', `/api/conversations/1/tags?api_key=${KEY}`],
  ['GET', `/api/customers?api_key=${KEY}`],
  ['POST', `/api/webhooks?api_key=${KEY}`],
  ['DELETE', `/api/webhooks/1?api_key=${KEY}`],
  ['GET', `/api/conversations.history?token=${KEY}`],
  ['POST', `/api/chat.postMessage?token=${KEY}`],
  ['POST', `/API/conversations?api_key=${KEY}`],
  ['GET', '/s/api-prod/healthz'],
  ['POST', '/token'],
  ['GET', '/jwks'],
] as const;
const CHANGES = [
  ['POST', '/conversation/1/trash'],
  ['POST', '/s/api-prod/state'],
  ['POST', '/all/state'],
  ['POST', '/authorize'],
  ['POST', '/session/end'],
  ['POST', '/__control/faults'],
  ['POST', '/__control/faults/common'],
  ['POST', '/__control/end-all'],
  ['DELETE', '/__control/faults'],
] as const;
const PAGES = [
  ['GET', '/'],
  ['GET', '/conversation/1'],
  ['GET', '/__control'],
  ['GET', '/api-key'],
  ['GET', '/authorize'],
  ['GET', '/assets/sandbox.css'],
] as const;

const FOREIGN = [
  { origin: 'http://evil.test' },
  { origin: 'null' },
  { origin: CONSOLE },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
];

describe.each([
  ['FreeScout', 0],
  ['Slack', 1],
  ['services', 2],
  ['OpenID provider', 3],
] as const)('the sandbox %s', (_, n) => {
  const urlOf = (path: string) => `${sandboxes[n]?.url}${path}`;

  it.each([...API, ...CHANGES, ...PAGES])(
    '%s %s is refused under a name that a site has made up',
    async (method, path) => {
      expect(await send(urlOf(path), method, { host: 'rebind.test' })).toBe(403);
    },
  );

  // The services have no API but the health of each service.
  const own = [/^\/api/i, /^\/api/i, /^\/s\//, /^\/(token|jwks)$/][n] ?? /^$/;
  const api = API.filter(([, path]) => own.test(path));
  it.each([...api, ...CHANGES])('%s %s is refused when a page of another site sends it', async (method, path) => {
    for (const headers of FOREIGN) {
      const status = await send(urlOf(path), method, { ...headers, 'content-type': 'application/json' });
      expect([headers, status]).toEqual([headers, 403]);
    }
  });
});

it('JSON counts only with the content type of JSON, which a page of another site must ask for', async () => {
  const url = `${sandboxes[0]?.url}/api/conversations?api_key=${KEY}`;
  const status = async (type: string) =>
    (await fetch(url, { method: 'POST', body: '{}', headers: { 'content-type': type } })).status;
  const body = JSON.stringify({ url: `${CONSOLE}/x`, events: ['convo.status'] });
  const register = async (type: string) =>
    (
      await fetch(`${sandboxes[0]?.url}/api/webhooks?api_key=${KEY}`, {
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
    return (await fetch(`${sandboxes[0]?.url}/api/webhooks?api_key=${KEY}`, { method: 'POST', body, headers })).status;
  };
  const targets = [
    `${CONSOLE}/api/webhooks/freescout`,
    'http://127.0.0.1:5298/',
    `${sandboxes[0]?.url}/conversation/1/trash`,
  ];
  expect(await Promise.all(targets.map(register))).toEqual([201, 400, 400]);
});

it('a path of two slashes leads to no other site', async () => {
  const answer = await fetch(`${sandboxes[0]?.url}//evil.test/`, { redirect: 'manual' });
  expect(answer.headers.get('location') ?? '').not.toMatch(/^\/\//);
  expect((await fetch(`${sandboxes[0]?.url}/assets/__proto__`)).status).toBe(404);
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
