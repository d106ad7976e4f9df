import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { event as pagerDutyEvent } from '@pagerduty/pdjs';
import { CloudEvent, emitterFor, httpTransport, Mode } from 'cloudevents';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { type SenderEnvironment, startSenderEnvironment, tokenOf } from '../../support/senderEnvironment.ts';

/** Clients of other makers, unchanged, with nothing but our address and a token. */

const pem = (kind: string) => readFileSync(`test/fixtures/tls/self-signed.${kind}`);
let environment: SenderEnvironment;
let proxy: https.Server;
beforeAll(async () => {
  environment = await startSenderEnvironment([{ id: 'pager' }, { id: 'events' }]);
  proxy = await startTlsProxy(environment.url);
});
afterAll(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await environment.close();
});

/** The client of PagerDuty speaks HTTPS only, as a console in production does behind its proxy. */
async function startTlsProxy(url: string): Promise<https.Server> {
  const server = https.createServer({ key: pem('key'), cert: pem('crt') }, (request, response) => {
    const { method, headers, url: path } = request;
    const onward = http.request(`${url}${path}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function states(source: string): Promise<string[]> {
  const answer = await environment.ask(`/console/alerts?q=${source}:&limit=50`);
  const { rows } = (await answer.json()) as { rows: { title: string; state: string }[] };
  return rows.map(({ title, state }) => `${title} ${state}`).toSorted();
}
const subjects = (title: string) => environment.tickets().filter(({ subject }) => subject.includes(title));

it('the client of PagerDuty triggers, acknowledges and resolves an alert', async () => {
  const server = `localhost:${(proxy.address() as AddressInfo).port}`;
  const send = (event_action: 'trigger' | 'acknowledge' | 'resolve', dedup_key?: string) =>
    pagerDutyEvent({
      ...{ server, agent: new https.Agent({ ca: pem('crt') }) },
      data: {
        ...{ routing_key: tokenOf('pager'), event_action, ...(dedup_key === undefined ? {} : { dedup_key }) },
        payload: { summary: 'Queue is full', source: 'mq-1', severity: 'critical' },
      },
    });
  const triggered = await send('trigger');
  expect(triggered.response.status).toBe(202);
  expect(triggered.data).toMatchObject({ status: 'success', dedup_key: expect.any(String) });
  const key = String(triggered.data.dedup_key);
  await eventually(() => expect(subjects('Queue is full')).toHaveLength(1), 100_000);
  expect((await send('acknowledge', key)).response.status).toBe(202);
  expect((await send('resolve', key)).response.status).toBe(202);
  await eventually(async () => expect(await states('pager')).toEqual(['Queue is full resolved']));
  expect(subjects('Queue is full')).toHaveLength(1);
}, 240_000);

it('the CloudEvents SDK emits events in binary and structured mode', async () => {
  const url = `${environment.url}/api/webhooks/cloudevents/events/${tokenOf('events')}`;
  const eventOf = (type: string) =>
    new CloudEvent({
      ...{ source: '/shop', subject: 'orders', type: `com.example.queue.${type}` },
      data: { severity: 'critical', title: 'Orders wait — 注文' },
    });
  const emit = (mode: Mode, type: string) => emitterFor(httpTransport(url), { mode })(eventOf(type));
  await emit(Mode.BINARY, 'opened');
  await eventually(() => expect(subjects('Orders wait — 注文')).toHaveLength(1), 100_000);
  await emit(Mode.STRUCTURED, 'opened');
  await emit(Mode.STRUCTURED, 'resolved');
  await eventually(async () => expect(await states('events')).toEqual(['Orders wait — 注文 resolved']));
  expect(subjects('Orders wait — 注文')).toHaveLength(1);
}, 240_000);
