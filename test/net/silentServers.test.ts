import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import nock from 'nock';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { createProvider } from '../../src/identity/provider.ts';
import { createLog } from '../../src/log/log.ts';
import { createOutgoing } from '../../src/net/outgoing.ts';
import { createSlack } from '../../src/notify/slack/messenger.ts';
import { createProbe } from '../../src/surfaces/probe.ts';
import { parseSurfaces } from '../../src/surfaces/surfacesFile.ts';
import { eventually } from '../support/eventually.ts';
import { SIGN_IN } from '../support/settings.ts';

const log = createLog({ level: 'silent' });
const open = new Set<Socket>();
let requests = 0;

/** Reads what it gets, and answers each request with this text. */
const answering = (text: string) =>
  createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => undefined);
    socket.on('data', () => {
      requests += 1;
      socket.write(text);
    });
  });
const silent = answering('');
const upgrading = answering('HTTP/1.1 101 Switching Protocols\r\nupgrade: other\r\nconnection: upgrade\r\n\r\n');
const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(async () => {
  // nock replaces sockets, but these tests need real ones.
  nock.restore();
  for (const server of [silent, upgrading]) {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  }
});
afterAll(() => {
  nock.activate();
  for (const socket of open) socket.destroy();
  for (const server of [silent, upgrading]) server.close();
});

const throughSilentProxy = () => createOutgoing(readConfig({ OUTGOING_PROXY: addressOf(silent) }).outgoing);
const requested = async (before: number, count = 1) =>
  eventually(() => expect(requests).toBeGreaterThanOrEqual(before + count));
const noneOpen = () => eventually(() => expect(open.size).toBe(0));

it.each(['https', 'http'])('a call over %s through a proxy that does not answer ends at its abort', async (scheme) => {
  const before = requests;
  const caller = new AbortController();
  const call = throughSilentProxy()
    .fetch(`${scheme}://tickets.example/`, { method: 'POST', body: '{}', signal: caller.signal }, 1_000)
    .catch((error: unknown) => error);
  await requested(before);
  caller.abort(new Error('too late'));
  expect(await call).toMatchObject({ message: 'too late' });
  await noneOpen();
});

it('a call through a silent proxy that is aborted before its connection is made ends, too', async () => {
  const caller = new AbortController();
  const call = throughSilentProxy().fetch('https://tickets.example/', { signal: caller.signal }, 1_000);
  caller.abort(new Error('too late'));
  await expect(call).rejects.toMatchObject({ message: 'too late' });
  await noneOpen();
});

it('a call that is answered with another protocol fails without a time limit', async () => {
  const call = createOutgoing().fetch(addressOf(upgrading), { method: 'POST', body: '{}' }, 1_000);
  await expect(call).rejects.toMatchObject({ code: 'ECONNRESET' });
  await noneOpen();
});

it('a message to Slack behind a silent proxy fails at its time limit, and so does the next one to the same person', async () => {
  const slack = createSlack(
    { botToken: 'xoxb-1', dmUserId: 'U1', apiUrl: 'https://slack.example/api/' },
    { log, outgoing: throughSilentProxy(), timeoutMs: 100 },
  );
  for (const marker of ['first', 'second']) {
    await expect(slack.send({ headline: 'P1', facts: [], links: [] }, marker)).rejects.toMatchObject({
      code: 'timeout',
      retryable: true,
      inDoubt: false,
    });
  }
  await noneOpen();
});

it('the identity provider behind a silent proxy is reported as unavailable', async () => {
  const { oidc } = readConfig(SIGN_IN);
  if (oidc === null) throw new Error('there is no provider in these settings');
  const provider = createProvider({
    oidc,
    publicUrl: 'https://console.example.com',
    log,
    outgoing: throughSilentProxy(),
  });
  expect(await provider.trouble()).toBe('OAUTH_TIMEOUT');
  await noneOpen();
});

it('checks through a silent proxy leave no connections behind', async () => {
  const before = requests;
  const surface = { id: 'a', name: 'A', url: 'https://surface.example/', timeout_ms: 60_000, proxy: addressOf(silent) };
  const [target] = parseSurfaces(JSON.stringify({ surfaces: [surface] }), 'test');
  if (!target) throw new Error('no surface');
  const probe = createProbe({ allowPrivate: true, log });
  const stop = new AbortController();
  const checks = Array.from({ length: 20 }, () => probe(target, stop.signal));
  await requested(before, 20);
  expect(open.size).toBe(20);
  stop.abort();
  await Promise.all(checks);
  await noneOpen();
});
