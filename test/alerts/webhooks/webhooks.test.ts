import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { alertIdOf } from '../../../src/alerts/senders/readRequest.ts';
import type { SourceRow } from '../../../src/model/senders.ts';
import { eventually } from '../../support/eventually.ts';
import { type SenderEnvironment, startSenderEnvironment, tokenOf } from '../../support/senderEnvironment.ts';

let environment: SenderEnvironment;
beforeAll(async () => {
  const sources = [
    'prom',
    'order',
    'tardy',
    'again',
    'kuma',
    'pager',
    'ops',
    'events',
    'full',
    'broken',
    'tokens',
    'probe',
    'barred',
  ];
  environment = await startSenderEnvironment(
    sources.map((id) => ({
      id,
      ...(id === 'probe' ? { kind: 'gatus', severity: { none: 'P1', default: 'P1' } } : {}),
    })),
  );
});
afterAll(() => environment.close());

const keyOf = (source: string, ...identity: unknown[]) => `${source}:${alertIdOf(identity).slice(0, 16)}`;

async function alerts(source: string): Promise<{ alert_key: string; state: string; title: string }[]> {
  const { rows } = (await (await environment.ask(`/console/alerts?q=${source}:&limit=200`)).json()) as {
    rows: { alert_key: string; state: string; title: string; source: string }[];
  };
  return rows.filter((row) => row.source === source);
}

const stateOf = async (alertKey: string) =>
  (await alerts(alertKey.split(':')[0] ?? '')).find((alert) => alert.alert_key === alertKey)?.state;

const group = (...given: { fingerprint: string; status: string; severity?: string }[]) => ({
  version: '4',
  status: 'firing',
  alerts: given.map(({ fingerprint, status, severity = 'critical' }) => ({
    status,
    labels: { alertname: `Alert ${fingerprint}`, severity },
    annotations: { runbook_url: `https://runbooks.example.com/${fingerprint}` },
    startsAt: '2026-05-05T14:00:00Z',
    endsAt: status === 'resolved' ? '2026-05-05T15:00:00Z' : '0001-01-01T00:00:00Z',
    fingerprint,
  })),
});

it('two Alertmanagers that deliver the same group get one ticket an alert, and each alert ends by its own status', async () => {
  const post = (...given: Parameters<typeof group>) =>
    environment.send('/api/webhooks/alertmanager/prom', group(...given), environment.as('prom'));
  const firing = [
    { fingerprint: 'a1', status: 'firing' },
    { fingerprint: 'b2', status: 'firing' },
  ];
  const answers = await Promise.all([post(...firing), post(...firing), post(...firing)]);
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
  const mine = () => environment.tickets().filter(({ subject }) => /Alert (a1|b2)/.test(subject));
  await eventually(() => expect(mine()).toHaveLength(2), 100_000);
  await post({ fingerprint: 'a1', status: 'resolved' }, { fingerprint: 'b2', status: 'firing' });
  await eventually(async () => expect(await stateOf(keyOf('prom', 'a1'))).toBe('resolved'));
  expect(await stateOf(keyOf('prom', 'b2'))).toBe('firing');
  expect(mine()).toHaveLength(2);
  expect(mine()[0]?.threads[0]?.body).toMatch(/<a href="https:\/\/runbooks\.example\.com\/(a1|b2)">/);
}, 240_000);

it('requests of one source keep their order, with several processes at work', async () => {
  await environment.addWorker();
  for (let n = 0; n < 20; n += 1) {
    const status = n % 2 === 0 ? 'TRIGGERED' : 'RESOLVED';
    await environment.send('/api/webhooks/gatus/order', { name: 'api', status }, environment.as('order'));
  }
  await environment.send('/api/webhooks/gatus/order', { name: 'last', status: 'TRIGGERED' }, environment.as('order'));
  await eventually(async () => expect(await stateOf(keyOf('order', '', 'last'))).toBe('firing'));
  expect(await stateOf(keyOf('order', '', 'api'))).toMatch(/resolved|flapping/);
  const sql = "select count(*)::int as n from webhook_requests where source = 'order' and status = 'done'";
  await eventually(async () => expect((await environment.pool.query(sql)).rows).toEqual([{ n: 21 }]));
});

it('requests without a time of their sender are judged by their arrival, however late they are worked on', async () => {
  const send = (status: string) =>
    environment.send('/api/webhooks/gatus/tardy', { name: 'late', status }, environment.as('tardy'));
  await send('TRIGGERED');
  await send('RESOLVED');
  const key = keyOf('tardy', '', 'late');
  await eventually(async () => expect(await stateOf(key)).toBe('resolved'));
  const late = `insert into webhook_requests (source, sender, method, headers, body, bytes, received_at)
    values ('tardy', 'gatus', 'POST', '{}', $1, 0, now() - interval '5 minutes') returning id`;
  const body = JSON.stringify({ name: 'late', status: 'TRIGGERED' });
  const { rows } = await environment.pool.query<{ id: number }>(late, [body]);
  const status = 'select status from webhook_requests where id = $1';
  await eventually(async () =>
    expect((await environment.pool.query(status, [rows[0]?.id])).rows).toEqual([{ status: 'done' }]),
  );
  expect(await stateOf(key)).toBe('resolved');
});

it('a dead letter from before the resolution of its alert opens no episode when it is replayed', async () => {
  const { pool, tickets } = environment;
  const key = keyOf('again', 'r1');
  const { rows } = await pool.query<{ id: string }>(
    `insert into webhook_requests (source, sender, method, headers, body, bytes, status, reason, received_at, finished_at)
     values ('again', 'alertmanager', 'POST', '{}', $1, 0, 'dead', 'failed', now() - interval '1 hour', now()) returning id::text`,
    [JSON.stringify(group({ fingerprint: 'r1', status: 'firing' }))],
  );
  for (const status of ['firing', 'resolved']) {
    await environment.send(
      '/api/webhooks/alertmanager/again',
      group({ fingerprint: 'r1', status }),
      environment.as('again'),
    );
  }
  await eventually(async () => expect(await stateOf(key)).toBe('resolved'));
  await pool.query(
    "update alert_resolutions set received_at = received_at - interval '10 minutes' where alert_key = $1",
    [key],
  );
  const filed = () => tickets().filter(({ subject }) => subject.includes('Alert r1')).length;
  await environment.settled();
  const before = filed();
  expect((await environment.ask(`/console/dead-letters/webhook:${rows[0]?.id}/replay`, {})).status).toBe(200);
  const status = 'select status from webhook_requests where id = $1';
  await eventually(async () => expect((await pool.query(status, [rows[0]?.id])).rows).toEqual([{ status: 'done' }]));
  expect(await stateOf(key)).toBe('resolved');
  await environment.settled();
  expect(filed()).toBe(before);
});

it('a change that Opsgenie reports after the end of an alert does not open it again', async () => {
  const report = (action: string, alias: string, priority = 'P3') => {
    const alert = { alias, message: `Disk ${alias}`, priority };
    return environment.send('/api/webhooks/opsgenie/ops', { action, alert }, environment.as('ops'));
  };
  const key = keyOf('ops', 'changed');
  await report('Create', 'changed');
  await eventually(async () => expect(await stateOf(key)).toBe('firing'));
  await report('Close', 'changed');
  await eventually(async () => expect(await stateOf(key)).toBe('resolved'));
  for (const action of ['UpdatePriority', 'UpdateMessage', 'UpdateDescription']) await report(action, 'changed', 'P1');
  // Requests of one source are applied in their order.
  await report('Create', 'after');
  await eventually(async () => expect(await stateOf(keyOf('ops', 'after'))).toBe('firing'));
  expect(await stateOf(key)).toBe('resolved');
  await report('UpdatePriority', 'after', 'P1');
  const severity = "select snapshot#>>'{context,severity}' as severity from actors where id = $1";
  await eventually(async () =>
    expect((await environment.pool.query(severity, [`alert:${keyOf('ops', 'after')}`])).rows).toEqual([
      { severity: 'P1' },
    ]),
  );
});

it('an alert whose sender gives a time only when it fires, by a clock that is hours slow, fires again after its end', async () => {
  const slow = (seconds: number) => new Date(Date.now() - 8 * 3_600_000 + seconds * 1_000).toISOString();
  const send = (status: string, time?: string) =>
    environment.send(
      '/api/webhooks/cloudevents/events',
      { specversion: '1.0', id: '1', source: '/slow', type: 'check', subject: 'disk', time, data: { status } },
      environment.as('events'),
    );
  const key = keyOf('events', '/slow', 'disk');
  await send('firing', slow(0));
  await eventually(async () => expect(await stateOf(key)).toBe('firing'));
  await send('resolved');
  await eventually(async () => expect(await stateOf(key)).toBe('resolved'));
  await send('firing', slow(60));
  await eventually(async () => expect(await stateOf(key)).toBe('firing'));
});

it('an event for PagerDuty without a key gets one, by which it is resolved', async () => {
  const event = { routing_key: tokenOf('pager'), event_action: 'trigger' };
  const payload = { summary: 'Queue is full', source: 'queue-1', severity: 'error' };
  const answer = await environment.send('/v2/enqueue', { ...event, payload });
  const { status, dedup_key } = (await answer.json()) as { status: string; dedup_key: string };
  expect([answer.status, status]).toEqual([202, 'success']);
  const key = keyOf('pager', dedup_key);
  await eventually(async () => expect(await stateOf(key)).toBe('firing'));
  await environment.send('/v2/enqueue', { ...event, event_action: 'acknowledge', dedup_key });
  await environment.send('/v2/enqueue', { ...event, event_action: 'resolve', dedup_key });
  await eventually(async () => expect(await stateOf(key)).toBe('resolved'));
  await eventually(async () => {
    const rows = await environment.audit('console.webhooks.acknowledged');
    expect(rows).toMatchObject([{ payload: { alert_key: key } }]);
  });
  const { rows } = await environment.pool.query("select body from webhook_requests where source = 'pager'");
  expect(rows.filter(({ body }) => String(body).includes(tokenOf('pager')))).toEqual([]);
});

it('a client of Opsgenie creates and closes an alert by its alias', async () => {
  const key = { authorization: `GenieKey ${tokenOf('ops')}` };
  const path = '/api/webhooks/opsgenie/ops/v2/alerts';
  const created = await environment.send(path, { message: 'Disk full', alias: 'disk/1', priority: 'P1' }, key);
  expect([created.status, await created.json()]).toEqual([
    202,
    expect.objectContaining({ requestId: expect.any(String) }),
  ]);
  await eventually(async () => expect(await stateOf(keyOf('ops', 'disk/1'))).toBe('firing'));
  await environment.send(`${path}/disk%2F1/close?identifierType=alias`, {}, key);
  await eventually(async () => expect(await stateOf(keyOf('ops', 'disk/1'))).toBe('resolved'));
});

it('Alertmanager creates, updates and closes an alert with its integration for Opsgenie, and another client deletes one', async () => {
  const headers = { authorization: `GenieKey ${tokenOf('ops')}` };
  const call = async (method: string, path: string, body: object) => {
    const url = `${environment.url}/api/webhooks/opsgenie/ops/v2/alerts${path}`;
    return (await fetch(url, { method, headers, body: JSON.stringify(body) })).status;
  };
  const create = (alias: string) => call('POST', '', { message: 'Disk full', alias, priority: 'P1' });
  const byAlias = 'identifierType=alias';
  expect(await create('group-1')).toBe(202);
  expect(await call('PUT', `/group-1/message?${byAlias}`, { message: 'Disk full' })).toBe(202);
  expect(await call('PUT', `/group-1/description?${byAlias}`, { description: '99 %' })).toBe(202);
  await eventually(async () => expect(await stateOf(keyOf('ops', 'group-1'))).toBe('firing'));
  expect(await call('POST', `/group-1/close?${byAlias}`, {})).toBe(202);
  await eventually(async () => expect(await stateOf(keyOf('ops', 'group-1'))).toBe('resolved'));
  expect(await create('group-2')).toBe(202);
  await eventually(async () => expect(await stateOf(keyOf('ops', 'group-2'))).toBe('firing'));
  expect(await call('DELETE', `/group-2?${byAlias}`, {})).toBe(202);
  await eventually(async () => expect(await stateOf(keyOf('ops', 'group-2'))).toBe('resolved'));
});

it('Uptime Kuma may send a GET with the token in the address, and its test button gets 200', async () => {
  const heartbeat = JSON.stringify({ status: 0, msg: 'timeout' });
  const query = new URLSearchParams({ msg: 'x', heartbeat, monitor: JSON.stringify({ id: 4, name: 'Shop' }) });
  const sent = await fetch(`${environment.url}/api/webhooks/uptime-kuma/${tokenOf('kuma')}?${query}`);
  expect(sent.status).toBe(200);
  await eventually(async () => expect(await stateOf(keyOf('kuma', 4))).toBe('firing'));
  const test = { heartbeat: null, monitor: null, msg: 'Testing' };
  expect((await environment.send('/api/webhooks/uptime-kuma/kuma', test, environment.as('kuma'))).status).toBe(200);
});

it('CloudEvents answers the handshake', async () => {
  const answer = await fetch(`${environment.url}/api/webhooks/cloudevents/events`, {
    method: 'OPTIONS',
    headers: { 'webhook-request-origin': 'eventgrid.example', 'webhook-request-rate': '100' },
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('webhook-allowed-origin')).toBe('eventgrid.example');
  expect(answer.headers.get('webhook-allowed-rate')).toBe('*');
});

it('a request that cannot be understood is answered, and an admin corrects and replays it', async () => {
  const answer = await environment.send('/api/webhooks/grafana/broken', '{"alerts": [', environment.as('broken'));
  expect(answer.status).toBe(202);
  const letters = async () => {
    const list = (await (await environment.ask('/console/dead-letters?kind=webhook')).json()) as {
      rows: { id: string; actor_id: string; payload: { body: string } }[];
    };
    return list.rows.filter(({ actor_id }) => actor_id === 'broken');
  };
  await eventually(async () => expect(await letters()).toHaveLength(1));
  const [letter] = await letters();
  expect(letter?.payload.body).toBe('{"alerts": [');
  const body = JSON.stringify({ alerts: [{ status: 'firing', labels: { alertname: 'Fixed' }, fingerprint: 'f1' }] });
  const path = `/console/dead-letters/${letter?.id}`;
  expect((await environment.ask(`${path}/edit`, { payload: { ...letter?.payload, body } })).status).toBe(200);
  expect((await environment.ask(`${path}/replay`, {})).status).toBe(200);
  await eventually(async () => expect(await stateOf(keyOf('broken', 1, 'f1'))).toBe('firing'));
  expect(await letters()).toEqual([]);
  expect(await environment.audit('console.webhooks.not_understood')).toMatchObject([{ payload: { source: 'broken' } }]);
});

it('a token counts in every place where a sender can put it, and is never logged', async () => {
  const token = tokenOf('tokens');
  const basic = `Basic ${Buffer.from(`any:${token}`).toString('base64')}`;
  const body = { name: 'x', status: 'RESOLVED' };
  const sent = (path: string, headers: Record<string, string> = {}) =>
    environment.send(`/api/webhooks/gatus${path}`, body, headers).then(({ status }) => status);
  expect(await sent('/tokens', { authorization: `Bearer ${token}` })).toBe(200);
  expect(await sent('', { authorization: basic })).toBe(200);
  expect(await sent('/tokens', { 'x-api-key': token })).toBe(200);
  expect(await sent(`/${token}`)).toBe(200);
  expect(await sent(`/tokens/${token}`)).toBe(200);
  expect(await sent('/prom', { authorization: `Bearer ${token}` })).toBe(403);
  expect(await sent('/tokens')).toBe(401);
  expect(await sent('/tokens', { authorization: 'Bearer wrong' })).toBe(401);
  expect(await sent('/tokens', { authorization: `Bearer ${token.toUpperCase()}` })).toBe(401);
  const log = environment.lines.join('');
  expect(log).toContain('/api/webhooks/gatus/…');
  expect(log).not.toContain(token);
});

it('the list of sources shows at once which requests of a source were refused, and why, and none of invented sources', async () => {
  const sent = (source: string, headers: Record<string, string>) =>
    environment.send(`/api/webhooks/gatus/${source}`, {}, headers).then(({ status }) => status);
  expect(await sent('prom', environment.as('barred'))).toBe(403);
  expect(await sent('barred', { authorization: 'Bearer wrong' })).toBe(401);
  expect(await sent('barred', {})).toBe(401);
  expect(await sent('invented', { authorization: 'Bearer wrong' })).toBe(401);
  const { sources } = (await (await environment.ask('/console/sources')).json()) as { sources: SourceRow[] };
  expect(sources.find(({ id }) => id === 'barred')?.refused_requests).toEqual([
    { reason: 'invalid_token', times: 2, last_at: expect.any(String) },
    { reason: 'forbidden', times: 1, last_at: expect.any(String) },
  ]);
  const { rows } = await environment.pool.query("select from refusal_sources where source = 'invented'");
  expect(rows).toEqual([]);
});

it('a source with too many waiting requests is told to wait, by the code on which its sender retries', async () => {
  // The first of them waits for its next try, and the others behind it.
  await environment.pool.query(
    `insert into webhook_requests (source, sender, method, body, bytes, not_before)
     select 'full', 'gatus', 'POST', '', 0, now() + interval '50 s' from generate_series(1, 10000)`,
  );
  onTestFinished(async () => void (await environment.pool.query("delete from webhook_requests where source = 'full'")));
  const busy = await environment.send('/api/webhooks/alertmanager/full', group(), environment.as('full'));
  const slow = await environment.send('/api/webhooks/cloudevents/full', {}, environment.as('full'));
  expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '10']);
  expect([slow.status, slow.headers.get('retry-after')]).toEqual([429, '10']);
  const tested = await environment.ask('/console/sources/full/test', {});
  expect([tested.status, await tested.text()]).toEqual([503, expect.stringContaining('Nothing was stored')]);
  const audited = await environment.audit('console.sources.tested');
  expect(audited.filter(({ payload }) => payload.source === 'full')).toEqual([]);
});

it('a test from the console takes the whole way, and tells nobody, whatever its source calls a severity', async () => {
  expect((await environment.ask('/console/sources/probe/test', {})).status).toBe(200);
  const title = 'Test of probe from the console';
  await eventually(async () => {
    expect((await alerts('probe')).map((alert) => [alert.title, alert.state])).toEqual([
      [`console/${title}`, 'resolved'],
    ]);
  });
  expect(environment.openings().filter(({ text }) => text.includes(title))).toEqual([]);
  expect(environment.tickets().filter(({ subject }) => subject.includes(title))).toEqual([]);
  await eventually(async () => {
    const { sources } = (await (await environment.ask('/console/sources')).json()) as { sources: { id: string }[] };
    expect(sources.find(({ id }) => id === 'probe')).toMatchObject({
      sender: 'gatus',
      declared: true,
      requests_last_hour: 2,
      alerts_last_hour: 2,
      url: expect.stringMatching(/\/api\/webhooks\/gatus\/probe$/),
    });
  });
});
