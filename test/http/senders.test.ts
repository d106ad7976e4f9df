import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { pagerduty } from '../../src/alerts/senders/pagerduty.ts';
import { alertIdOf, readRequest } from '../../src/alerts/senders/readRequest.ts';
import type { SenderRequest } from '../../src/alerts/senders/sender.ts';
import { bearer, errorOf, type Running, SIGN_IN, startServer, TOKENS } from './support.ts';

let app: Running;
beforeAll(async () => {
  app = await startServer({ env: SIGN_IN });
});
afterAll(() => app.close());
beforeEach(() => app.change({}));

const gone = async () => {
  throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
};
const stored = () => app.calls.filter(({ what }) => what === 'storeRequest').at(-1)?.with[0];
const KUMA = 'token-of-uptime-kuma-0123456789';

it.each(['/api/webhooks/alertmanager/prometheus', '/api/webhooks/cloudevents', '/api/webhooks/grafana/prometheus'])(
  'while the database is away, POST %s answers 503 with Retry-After, so that its sender tries again',
  async (path) => {
    for (const services of [{ sourceKind: gone }, { storeRequest: gone }]) {
      app.change(services);
      const answer = await app.post(path, {}, bearer(TOKENS.prometheus));
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10']);
    }
  },
);

it('a token that the surfaces file names counts, and is answered 503 while it cannot be looked up', async () => {
  expect((await app.post('/api/webhooks/uptime-kuma/kuma', {}, bearer(KUMA))).status).toBe(200);
  expect((await app.get(`/api/webhooks/uptime-kuma/${KUMA}`)).status).toBe(200);
  app.change({ sourceTokens: gone });
  expect((await app.post('/api/webhooks/uptime-kuma/kuma', {}, bearer(KUMA))).status).toBe(503);
});

it('the raw request is stored without its secrets', async () => {
  const body = '{"alerts": [],  "odd": \u0001}';
  await app.post('/api/webhooks/grafana/prometheus?a=1', body, {
    ...bearer(TOKENS.prometheus),
    'x-my-secret': 's',
    cookie: 'session=s',
    'ce-id': '7',
  });
  expect(stored()).toMatchObject({ source: 'prometheus', sender: 'grafana', method: 'POST', query: 'a=1' });
  const { headers, body: raw } = stored() as { headers: Record<string, string>; body: Buffer };
  expect(raw.toString()).toBe(body);
  expect(Object.keys(headers).toSorted()).toEqual(['ce-id', 'content-type', 'user-agent']);
});

it.each([
  ['POST', 'disk%2F1/close', 'disk%2F1/close'],
  ['PUT', 'disk/message', 'disk/message'],
  ['PUT', 'disk/priority', 'disk/priority'],
  ['PATCH', 'disk/notes/7', 'disk/notes'],
  ['POST', 'disk/actions/close', 'disk/actions'],
  ['DELETE', 'disk', 'disk/delete'],
  ['DELETE', 'disk/tags', 'disk/tags'],
])('a client of Opsgenie that sends %s %s gets 202, and the action is stored as %s', async (method, path, rest) => {
  const url = `${app.url}/api/webhooks/opsgenie/prometheus/v2/alerts/${path}?identifierType=alias`;
  const answer = await fetch(url, { method, headers: bearer(TOKENS.prometheus), body: '{}' });
  expect([answer.status, await answer.json()]).toEqual([202, expect.objectContaining({ took: 0 })]);
  expect(stored()).toMatchObject({ method, rest: `v2/alerts/${rest}`, query: 'identifierType=alias' });
});

it('a client of Opsgenie that asks for an alert is told that this is not available', async () => {
  const path = '/api/webhooks/opsgenie/prometheus/v2/alerts/disk';
  expect((await app.get(path, bearer(TOKENS.prometheus))).status).toBe(405);
});

it('the routing key of an event is stored nowhere, even where the event is no JSON', async () => {
  const answer = await app.post('/v2/enqueue', `{"routing_key": "${TOKENS.prometheus}", "event_action": `);
  expect(answer.status).toBe(202);
  expect(await answer.json()).toMatchObject({ status: 'success', dedup_key: expect.stringMatching(/^[0-9a-f]{32}$/) });
  expect((stored() as { body: Buffer }).body.toString()).toBe('{"routing_key": "***", "event_action": ');
});

it('the routing key of an event with a byte order mark is its own, not that of its details', async () => {
  const details = { custom_details: { routing_key: 'orders.new' } };
  const event = JSON.stringify({ payload: details, routing_key: TOKENS.prometheus, event_action: 'trigger' });
  expect((await app.post('/v2/enqueue', `\ufeff${event}`)).status).toBe(202);
  expect((stored() as { body: Buffer }).body.toString()).toBe(`\ufeff${event.replace(TOKENS.prometheus, '***')}`);
});

it.each<[what: string, path: string, status: number, code: string]>([
  ['an unknown sender', '/api/webhooks/nagios/prometheus', 404, 'not_found'],
  ['a method that the sender does not use', '/api/webhooks/alertmanager/prometheus', 405, 'method_not_allowed'],
])('%s is refused', async (_what, path, status, code) => {
  const answer = await fetch(`${app.url}${path}`, { method: 'PUT', headers: bearer(TOKENS.prometheus), body: '{}' });
  expect([answer.status, (await errorOf(answer)).code]).toEqual([status, code]);
});

it('a source that is declared for one sender takes no requests of another', async () => {
  const answer = await app.post('/api/webhooks/gatus/kuma', {}, bearer(KUMA));
  expect(answer.status).toBe(403);
  expect((await errorOf(answer)).message).toContain('declares kuma as uptime-kuma, not gatus');
});

it('a body of more than 8 MiB is refused while it arrives, whatever length it announces', async () => {
  const chunk = Buffer.alloc(1_048_576, 0x20);
  const body = new ReadableStream({
    start(controller) {
      for (let n = 0; n < 9; n += 1) controller.enqueue(chunk);
      controller.close();
    },
  });
  const headers = { ...bearer(TOKENS.prometheus), 'content-type': 'application/json' };
  const sent = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
  const answer = await fetch(`${app.url}/api/webhooks/grafana/prometheus`, sent);
  expect([answer.status, (await errorOf(answer)).code]).toEqual([413, 'body_too_large']);
});

it('without a sign-in provider the local developer may send as any source', async () => {
  const local = await startServer();
  try {
    expect((await local.post('/api/webhooks/gatus/anything', {})).status).toBe(200);
    expect(local.calls.at(-1)?.with[0]).toMatchObject({ source: 'anything', sender: 'gatus' });
    const foreign = { origin: 'https://evil.example', 'content-type': 'text/plain' };
    expect((await local.post('/api/webhooks/gatus/anything', '{}', foreign)).status).toBe(403);
  } finally {
    await local.close();
  }
});

it.each(['/API/webhooks/uptime-kuma/kuma', '/api/Webhooks/uptime-kuma'])(
  'the token behind %s is not logged, whatever the case of the path',
  async (path) => {
    const local = await startServer({ env: SIGN_IN, logLevel: 'debug' });
    try {
      await local.get(`${path}/${KUMA}/`);
      await expect.poll(local.log).toContain('/uptime-kuma/…');
      expect(local.log()).not.toContain(KUMA);
    } finally {
      await local.close();
    }
  },
);

it('an event for PagerDuty may be sent to the path in another case or with a slash at its end', async () => {
  const token = 'token-of-a-pager-in-the-file-0123456789';
  app.change({ sourceTokens: async () => [{ source: 'pager', token }] });
  for (const path of ['/v2/enqueue/', '/V2/Enqueue']) {
    expect((await app.post(path, { event_action: 'trigger' }, bearer(token))).status).toBe(202);
  }
});

it('a compressed event for PagerDuty is stored plain without its token, under the key of the answer', async () => {
  const event = { event_action: 'trigger', payload: { summary: 'Disk full' }, routing_key: TOKENS.prometheus };
  const answer = await fetch(`${app.url}/v2/enqueue`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: gzipSync(JSON.stringify(event)),
  });
  expect(answer.status).toBe(202);
  const { dedup_key } = (await answer.json()) as { dedup_key: string };
  const request = stored() as SenderRequest;
  expect([request.headers['content-encoding'], JSON.parse(request.body.toString())]).toEqual([
    undefined,
    { ...event, routing_key: '***' },
  ]);
  const settings = { severity: {}, surfaceLabel: 'surface', surfaces: {}, mapping: null };
  const { alerts } = await readRequest(pagerduty, request, settings);
  expect(alerts[0]?.alert_id).toBe(alertIdOf([dedup_key]));
});

it('a HEAD and a GET from another site are stored for nobody', async () => {
  const local = await startServer();
  try {
    const url = `${local.url}/api/webhooks/gatus/anything?name=x&status=TRIGGERED`;
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(405);
    expect((await fetch(url, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
    expect(local.calls.filter(({ what }) => what === 'storeRequest')).toEqual([]);
    expect((await fetch(url)).status).toBe(200);
  } finally {
    await local.close();
  }
});

/** Announces a body of 8 MiB, and sends none of it. */
function stalled(url: string, path: string, headers: string[]): Socket {
  const { port, host } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  const head = [`POST ${path} HTTP/1.1`, `Host: ${host}`, 'Content-Length: 8388608', ...headers];
  return socket.on('error', () => {}).on('connect', () => socket.write(`${head.join('\r\n')}\r\n\r\n{`));
}

it('callers without a valid token neither use up the memory for bodies nor wait for it', async () => {
  const local = await startServer({ env: SIGN_IN });
  const sockets: Socket[] = [];
  try {
    const large = `{"alerts": []${' '.repeat(100_000)}}`;
    for (let n = 0; n < 8; n += 1) sockets.push(stalled(local.url, '/v2/enqueue', []));
    const path = '/api/webhooks/grafana/prometheus';
    // Later connections are served later.
    await local.get('/healthz');
    expect((await local.post(path, large, bearer(TOKENS.prometheus))).status).toBe(202);
    for (let n = 0; n < 8; n += 1) {
      sockets.push(stalled(local.url, path, [`Authorization: Bearer ${TOKENS.prometheus}`]));
    }
    await local.get('/healthz');
    expect((await local.post(path, large, bearer('wrong'))).status).toBe(401);
  } finally {
    for (const socket of sockets) socket.destroy();
    await local.close();
  }
});
