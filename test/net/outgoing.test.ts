import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { createProvider } from '../../src/identity/provider.ts';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { createLog } from '../../src/log/log.ts';
import { createNames } from '../../src/net/names.ts';
import { createOutgoing, type Outgoing } from '../../src/net/outgoing.ts';
import { createSlack } from '../../src/notify/slack/messenger.ts';
import { createFreeScout } from '../../src/tickets/freescout/client.ts';
import { bareSystem, type NameServer, startNameServer } from '../support/nameServer.ts';
import { SIGN_IN } from '../support/settings.ts';
import { startSlowListener } from '../support/slowListener.ts';
import { aConversation } from '../tickets/freescout/fixtures.ts';

const TLS = join(packageRoot, 'test', 'fixtures', 'tls');
const CA_FILE = join(TLS, 'private-authority.crt');
const HOSTS = ['desk.private.example', 'slack.private.example', 'id.private.example', 'way.private.example'];
const silent = createLog({ level: 'silent' });
const listening = async (server: http.Server) => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

let nameServer: NameServer;
/** FreeScout, Slack and the identity provider at once, with a certificate of a private authority. */
const partners = https.createServer(
  { key: readFileSync(join(TLS, 'private.key')), cert: readFileSync(join(TLS, 'private.crt')) },
  (request, response) => {
    const path = request.url ?? '';
    const issuer = `https://${request.headers.host}`;
    response.setHeader('content-type', 'application/json');
    if (served.has(request.socket)) return void request.socket.destroy();
    served.add(request.socket);
    if (path.includes('/conversations/')) return void response.end(JSON.stringify(aConversation()));
    if (path.includes('conversations.open')) return void response.end('{"ok":true,"channel":{"id":"D1"}}');
    if (path.includes('conversations.history')) return void response.end('{"ok":true,"messages":[]}');
    response.end(
      JSON.stringify({ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` }),
    );
  },
);
/** Connections on which a request was answered: the next one on them is reset, as if the server were just closing them. */
const served = new WeakSet<object>();
let port = 0;

/** A proxy that lets the names of the partners lead to them, for callers who know the password. */
const proxy = http.createServer();
const tunnelled: string[] = [];
proxy.on('connect', (request, socket) => {
  socket.on('error', () => undefined);
  if (request.headers['proxy-authorization'] !== `Basic ${btoa('us:way-1234')}`) {
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n');
    return;
  }
  tunnelled.push(String(request.url));
  const upstream = connect(port, '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    upstream.pipe(socket).pipe(upstream);
  });
  upstream.on('error', () => socket.destroy());
});
let proxyUrl = '';

beforeAll(async () => {
  // nock replaces sockets, but these tests need real ones.
  nock.restore();
  nameServer = await startNameServer({});
  for (const host of HOSTS) nameServer.zone[host] = { a: ['127.0.0.1'], aaaa: ['::1'] };
  port = await listening(partners);
  proxyUrl = `http://us:way-1234@127.0.0.1:${await listening(proxy)}`;
});
afterEach(() => {
  tunnelled.length = 0;
});
afterAll(async () => {
  nock.activate();
  for (const server of [partners, proxy]) {
    server.closeAllConnections();
    server.close();
  }
  await nameServer.close();
});

function outgoingWith(
  env: Record<string, string>,
  names = createNames({ servers: [nameServer.address], system: bareSystem() }),
) {
  return createOutgoing(readConfig(env).outgoing, names);
}

const desk = (outgoing: Outgoing, at = port) => {
  const env = {
    FREESCOUT_BASE_URL: `https://desk.private.example:${at}`,
    FREESCOUT_API_KEY: 'key',
    FREESCOUT_OPERATIONS_MAILBOX_ID: '3',
  };
  return createFreeScout(readConfig(env).freescout, { log: silent, outgoing });
};
const slack = (outgoing: Outgoing, at = port) =>
  createSlack(
    { botToken: 'xoxb-1', dmUserId: 'U1', apiUrl: `https://slack.private.example:${at}/api/` },
    { log: silent, outgoing },
  );
const provider = (outgoing: Outgoing, at = port) => {
  const { oidc } = readConfig({ ...SIGN_IN, OIDC_ISSUER_URL: `https://id.private.example:${at}` });
  if (oidc === null) throw new Error('there is no provider in these settings');
  return createProvider({ oidc, publicUrl: 'https://console.example.com', log: silent, outgoing });
};
const between = { since: new Date(), until: new Date() };

/** One call of each kind that only reads: what it returns, or the code of its error. */
const CALLS: [string, (outgoing: Outgoing, at?: number) => () => Promise<unknown>, unknown][] = [
  [
    'FreeScout',
    (outgoing, at) => {
      const { get } = desk(outgoing, at);
      return async () => (await get(412))?.id;
    },
    412,
  ],
  [
    'Slack',
    (outgoing, at) => {
      const { findByMarker } = slack(outgoing, at);
      return () => findByMarker('m', between);
    },
    null,
  ],
  ['the identity provider', (outgoing, at) => () => provider(outgoing, at).trouble(), null],
];

describe.each(CALLS)('a call to %s', (_, callOf, expected) => {
  const result = (outgoing: Outgoing) =>
    callOf(outgoing)().catch((error: Error & { code?: string }) => error.code ?? error.message);

  it('goes through OUTGOING_PROXY and trusts OUTGOING_CA_FILE', async () => {
    expect(await result(outgoingWith({ OUTGOING_PROXY: proxyUrl, OUTGOING_CA_FILE: CA_FILE }))).toBe(expected);
    expect(new Set(tunnelled.map((host) => host.replace(/^\w+/, 'x')))).toEqual(new Set([`x.private.example:${port}`]));
  });

  it('goes to a host of OUTGOING_NO_PROXY directly', async () => {
    const env = {
      OUTGOING_PROXY: proxyUrl,
      OUTGOING_CA_FILE: CA_FILE,
      OUTGOING_NO_PROXY: 'other.example, .private.example',
    };
    expect(await result(outgoingWith(env))).toBe(expected);
    expect(tunnelled).toEqual([]);
  });

  it('fails without the authority of its certificate', async () => {
    expect(await result(outgoingWith({}))).toMatch(/UNABLE_TO_|SELF_SIGNED/);
  });

  it('fails by name where the proxy refuses the connection', async () => {
    const env = { OUTGOING_PROXY: proxyUrl.replace('way-1234', 'wrong'), OUTGOING_CA_FILE: CA_FILE };
    expect(await result(outgoingWith(env))).toBe('PROXY_REFUSED');
  });

  it('is made although the names of eight others get no answer, and again although its connection was closed', async () => {
    const names = createNames({ servers: [nameServer.address], system: bareSystem() });
    const call = callOf(outgoingWith({ OUTGOING_CA_FILE: CA_FILE }, names));
    const pending: Promise<unknown>[] = [];
    // Names get no answer for five seconds, so each of the calls has others of its own.
    for (const time of ['first', 'again']) {
      const others = Array.from({ length: 8 }, (_, n) => `silent-${n}-${time}.example`);
      for (const name of others) nameServer.zone[name] = 'silent';
      pending.push(Promise.allSettled(others.map((name) => names.resolve(name))));
      expect(await call()).toEqual(expected);
      expect(others.every((name) => names.isResolving(name))).toBe(true);
    }
    await Promise.all(pending);
  });

  it.each(['it', 'the proxy'])(
    'is made although the connection to %s takes a second, and the other address of the name cannot be reached',
    async (what) => {
      const way = new URL(proxyUrl);
      const isProxied = what === 'the proxy';
      const slow = await startSlowListener(isProxied ? Number(way.port) : port);
      Object.assign(way, { hostname: 'way.private.example', port: slow.port });
      const env = { OUTGOING_CA_FILE: CA_FILE, ...(isProxied && { OUTGOING_PROXY: way.href }) };
      const call = callOf(outgoingWith(env), isProxied ? port : slow.port);
      try {
        await slow.beSlow();
        const begunAt = performance.now();
        expect(await call()).toEqual(expected);
        expect(performance.now() - begunAt).toBeGreaterThan(300);
      } finally {
        await slow.close();
      }
    },
  );
});

it('nothing is in doubt after the proxy refused the connection', async () => {
  const outgoing = outgoingWith({ OUTGOING_PROXY: proxyUrl.replace('way-1234', 'wrong') });
  const refused = { inDoubt: false, code: 'PROXY_REFUSED' };
  await expect(desk(outgoing).create({ subject: 's', html: 'h' })).rejects.toMatchObject(refused);
  const message = { headline: 'P1', facts: [], links: [] };
  await expect(slack(outgoing).send(message, 'm')).rejects.toMatchObject(refused);
});

it('the errors of FreeScout and Slack say which name could not be resolved', async () => {
  const outgoing = createOutgoing(undefined, createNames({ servers: [nameServer.address], system: bareSystem() }));
  const env = {
    FREESCOUT_BASE_URL: 'https://gone.example',
    FREESCOUT_API_KEY: 'key',
    FREESCOUT_OPERATIONS_MAILBOX_ID: '3',
  };
  const lost = createFreeScout(readConfig(env).freescout, { log: silent, outgoing });
  const why = 'the name gone.example could not be resolved: it does not exist or has no address';
  await expect(lost.get(412)).rejects.toMatchObject({
    code: 'ENOTFOUND',
    message: `FreeScout did not answer (ENOTFOUND: ${why}).`,
  });
  const mute = createSlack(
    { botToken: 'xoxb-1', dmUserId: 'U1', apiUrl: 'https://gone.example/api/' },
    { log: silent, outgoing },
  );
  await expect(mute.findByMarker('m', between)).rejects.toMatchObject({ message: expect.stringContaining(why) });
});
