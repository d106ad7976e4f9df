import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { bearer, errorOf, start, TOKENS } from './support.ts';

const alert = { alert_id: 'disk-full-db3', severity: 'P2', status: 'firing', title: 'Disk is full' };
const emission = (change: object = {}) => ({ source: 'prometheus', alerts: [{ ...alert, ...change }] });
const in1h = () => new Date(Date.now() + 3_600_000).toISOString();

describe('an invalid body is refused with the name of the field', () => {
  const ALERTS = '/api/alerts';
  const FLAG = '/console/flags/FLAG_CONSOLE_INVESTIGATE_FROM_STATUS';
  const MAINTENANCE = '/console/surfaces/api-prod/maintenance';
  it.each<[why: string, path: string, body: unknown, field: string]>([
    ['no source', ALERTS, { alerts: [alert] }, 'source'],
    ['a source of the wrong form', ALERTS, { source: 'Prom!', alerts: [alert] }, 'source'],
    ['a source of the wrong type', ALERTS, { source: 7, alerts: [alert] }, 'source'],
    ['no alerts', ALERTS, { source: 'prometheus' }, 'alerts'],
    ['alerts that are no list', ALERTS, { source: 'prometheus', alerts: alert }, 'alerts'],
    ['an alert that is none', ALERTS, { source: 'prometheus', alerts: ['x'] }, 'alerts.0'],
    ['a list instead of an object', ALERTS, [emission()], 'body'],
    ['an unknown status', ALERTS, emission({ status: 'pending' }), 'alerts.0.status'],
    ['an empty alert_id', ALERTS, emission({ alert_id: '' }), 'alerts.0.alert_id'],
    ['no title', ALERTS, emission({ title: undefined }), 'alerts.0.title'],
    ['a title of blanks', ALERTS, emission({ title: ' \n ' }), 'alerts.0.title'],
    ['a flag neither on nor off', FLAG, { enabled: 'true' }, 'enabled'],
    ['a flag without a position', FLAG, {}, 'enabled'],
    ['an unknown field of a flag', FLAG, { enabled: true, by: 'me' }, 'by'],
    ['maintenance without an end', MAINTENANCE, { reason: 'disks' }, 'until'],
    ['maintenance without a reason', MAINTENANCE, { until: in1h() }, 'reason'],
    ['an empty reason', MAINTENANCE, { until: in1h(), reason: '' }, 'reason'],
    ['a reason of blanks', MAINTENANCE, { until: in1h(), reason: '  ' }, 'reason'],
    ['a reason of invisible characters', MAINTENANCE, { until: in1h(), reason: '\u202e\u200b \u200d' }, 'reason'],
    ['an end that is no instant', MAINTENANCE, { until: 'tomorrow', reason: 'disks' }, 'until'],
    ['a day that does not exist', MAINTENANCE, { until: '2099-02-30T00:00:00Z', reason: 'disks' }, 'until'],
    ['an end in the past', MAINTENANCE, { until: '2020-01-01T00:00:00Z', reason: 'disks' }, 'until'],
    ['a body where none is taken', '/console/dead-letters/d1/replay', { force: true }, 'force'],
    ['a body on a click', '/console/status/investigate/api-prod', { surface_id: 'other' }, 'surface_id'],
  ])('%s', async (_why, path, body, field) => {
    const app = await start();
    const response = await app.post(path, body);
    const error = await errorOf(response);
    expect([response.status, error.field]).toEqual([400, field]);
    expect(error.message).toContain(field);
    expect(app.calls).toEqual([]);
  });
});

describe('an invalid query or path value is refused with its name', () => {
  it.each([
    ['/console/alerts?state=burning', 'state'],
    ['/console/alerts?state=firing&state=resolved', 'state'],
    ['/console/alerts?q=%00', 'q'],
    ['/console/audit?limit=0', 'limit'],
    ['/console/audit?limit=201', 'limit'],
    ['/console/audit?limit=ten', 'limit'],
    ['/console/audit?limit=1.5', 'limit'],
    ['/console/audit?since=yesterday', 'since'],
    ['/console/audit?since=2026-13-01', 'since'],
    ['/console/audit?action=a&action=b', 'action'],
    [`/console/audit?cursor=${'x'.repeat(600)}`, 'cursor'],
    ['/console/inspect/actors?kind=%0a', 'kind'],
    ['/console/surfaces/UPPER', 'surface_id'],
    ['/console/surfaces/a%00b', 'surface_id'],
  ])('%s', async (path, field) => {
    const app = await start();
    const response = await app.get(path);
    expect([response.status, (await errorOf(response)).field]).toEqual([400, field]);
  });
});

describe('all faults of a request', () => {
  it('are named at once, each in words with its field', async () => {
    const app = await start();
    const response = await app.post('/console/surfaces/UPPER/maintenance', { until: 7, reason: '', by: 'me' });
    const error = await errorOf(response);
    expect(response.status).toBe(400);
    expect(error.faults).toEqual([
      { field: 'surface_id', message: 'Expected lower-case letters, digits and dashes, at most 63 characters' },
      { field: 'until', message: 'Expected a time such as 2026-05-05T14:30:00Z' },
      { field: 'reason', message: 'Expected text that is not empty' },
      { field: 'by', message: 'Unknown field' },
    ]);
    expect(error.field).toBe('surface_id');
    expect(error.message).toContain('reason: Expected text that is not empty. by: Unknown field.');
  });

  it.each([
    [{}, 'enabled: Missing.'],
    [{ enabled: 'true' }, 'enabled: Expected true or false.'],
    [[], 'body: Expected an object.'],
  ])('the body %j is refused with "%s"', async (body, message) => {
    const app = await start();
    const error = await errorOf(await app.post('/console/flags/FLAG_CONSOLE_INVESTIGATE_FROM_STATUS', body));
    expect(error.message).toBe(message);
  });

  it.each([
    ['/console/audit?limit=ten&since=yesterday', ['limit', 'since']],
    ['/console/alerts?state=burning&q=%00', ['state', 'q']],
    [`/console/inspect/actors?kind=${'x'.repeat(51)}&state=${'x'.repeat(101)}`, ['kind', 'state']],
  ])('%s names %j', async (path, fields) => {
    const { faults = [], message } = await errorOf(await (await start()).get(path));
    expect(faults.map(({ field }) => field).toSorted()).toEqual(fields.toSorted());
    expect(message).not.toMatch(/Invalid (input|option)|Too (big|small)|expected string/);
  });
});

it.each([
  ['form, as curl sends JSON by default', 'application/x-www-form-urlencoded', '{"enabled":true,"note":"a=b&c"}'],
  ['form with a list', 'application/x-www-form-urlencoded', ' [1]'],
  ['body of no type', undefined, '{"enabled":true}'],
])('JSON that is sent as a %s gets 415, which names application/json', async (_, type, body) => {
  const app = await start();
  const headers = type === undefined ? {} : { 'content-type': type };
  const path = '/console/flags/FLAG_CONSOLE_INVESTIGATE_FROM_STATUS';
  const response = await fetch(app.url + path, { method: 'POST', headers, body: Buffer.from(body) });
  const error = await errorOf(response);
  expect([response.status, error.code, error.message]).toEqual([
    415,
    'unsupported_media_type',
    'The body must be JSON, sent as application/json.',
  ]);
  expect(app.calls).toEqual([]);
});

describe('lenient input', () => {
  it('empty query values, as forms send them, count as absent', async () => {
    const app = await start();
    await app.get('/console/audit?action=&q=&since=&limit=');
    expect(app.calls).toEqual([{ what: 'audit', with: [{ withVisitors: true, limit: 50 }] }]);
  });

  it.each([
    ['2026-05-05', '2026-05-05T00:00:00.000Z'],
    ['2026-05-05T14:30', '2026-05-05T14:30:00.000Z'],
    ['2026-05-05T14:30:00%2B02:00', '2026-05-05T12:30:00.000Z'],
    ['2026-05-05T14:30:00Z', '2026-05-05T14:30:00.000Z'],
  ])('the time %s is read as %s', async (given, meant) => {
    const app = await start();
    await app.get(`/console/audit?since=${given}`);
    expect(app.calls).toEqual([{ what: 'audit', with: [{ withVisitors: true, since: new Date(meant), limit: 50 }] }]);
  });

  it('characters that cannot be stored are removed from the title and details of an alert', async () => {
    const app = await start();
    const odd = emission({ title: ' Disk\u0000 is\n full \ud800', details: 'one\r\ntwo\u0000\u0007' });
    expect((await app.post('/api/alerts', odd)).status).toBe(202);
    const kept = [{ ...alert, title: 'Disk is full', details: 'one\ntwo' }];
    expect(app.calls).toEqual([{ what: 'ingest', with: ['prometheus', kept] }]);
  });

  it('of 5,002 alerts the first 5,000 are taken, and the others are named', async () => {
    const app = await start();
    const alerts = Array.from({ length: 5_002 }, (_, n) => ({ ...alert, alert_id: `disk-${n}` }));
    const response = await app.post('/api/alerts', { source: 'prometheus', alerts });
    expect(response.status).toBe(202);
    const message = 'Expected at most 5000 alerts in a request; send it in another one';
    expect(await response.json()).toMatchObject({
      accepted: 5_000,
      rejected: [5_000, 5_001].map((index) => ({ index, field: 'alert', message })),
    });
    expect(app.calls[0]?.with[1]).toHaveLength(5_000);
  });

  it('a batch without alerts is accepted', async () => {
    const app = await start();
    const response = await app.post('/api/alerts', { source: 'prometheus', alerts: [] });
    expect(await response.json()).toEqual({ accepted: 0, alerts: [] });
  });
});

it('a label that is named as the prototype of objects is left out, and all alerts of its request are taken', async () => {
  const app = await start();
  const [first, second] = ['a', 'b'].map((id) => JSON.stringify({ ...emission().alerts[0], alert_id: id }));
  const odd = second?.replace(/}$/, ',"labels":{"__proto__":"x","team":"core"}}');
  const response = await app.post('/api/alerts', `{"source":"prometheus","alerts":[${first},${odd}]}`);
  expect(response.status).toBe(202);
  expect(app.calls[0]?.with[1]).toMatchObject([{ alert_id: 'a' }, { alert_id: 'b', labels: { team: 'core' } }]);
});

describe('an unreadable body', () => {
  it.each(['{"source":', '{"enabled":true}}', '"text"', '{"__proto__":', '\u0000'])(
    'the body %s is refused as invalid JSON',
    async (body) => {
      const app = await start();
      const response = await app.post('/api/alerts', body);
      expect([response.status, (await errorOf(response)).code]).toEqual([400, 'invalid_json']);
    },
  );

  it.each(['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded'])(
    'a body of type %s is refused',
    async (type) => {
      const app = await start();
      const response = await app.post('/api/alerts', JSON.stringify(emission()), { 'content-type': type });
      expect([response.status, (await errorOf(response)).code]).toEqual([415, 'unsupported_media_type']);
    },
  );

  it('a body in an unknown encoding is refused', async () => {
    const app = await start();
    const response = await app.post('/api/alerts', JSON.stringify(emission()), { 'content-encoding': 'rot13' });
    expect(response.status).toBe(415);
  });

  it('a missing body is refused if the route needs one', async () => {
    const app = await start();
    expect((await app.post('/api/alerts')).status).toBe(415);
  });

  it.each([
    ['8 MiB', '/api/alerts', 8 * 1_048_576],
    ['1 MiB', '/api/webhooks/freescout', 1_048_576],
    ['1 MiB', '/console/flags/FLAG_CONSOLE_INVESTIGATE_FROM_STATUS', 1_048_576],
  ])('a body above %s is refused by %s, with or without Content-Length', async (limit, path, bytes) => {
    const app = await start();
    const large = `{"source":"${'x'.repeat(bytes)}"}`;
    const announced = await app.post(path, large);
    const error = await errorOf(announced);
    expect([announced.status, error.code, error.message]).toEqual([
      413,
      'body_too_large',
      `The body is larger than ${limit}.`,
    ]);
    expect(await chunked(`${app.url}${path}`, large)).toBe(413);
  });

  it('a request of 2,000 alerts with details of 600 characters is accepted', async () => {
    const app = await start();
    const alerts = Array.from({ length: 2_000 }, (_, n) => ({
      ...alert,
      alert_id: `host-${n}`,
      details: 'x'.repeat(600),
    }));
    const many = JSON.stringify({ source: 'prometheus', alerts });
    expect(many.length).toBeGreaterThan(1_300_000);
    const response = await app.post('/api/alerts', many, bearer(TOKENS.prometheus));
    expect([response.status, ((await response.json()) as { accepted: number }).accepted]).toEqual([202, 2_000]);
  });

  it('a body just below 8 MiB is accepted', async () => {
    const app = await start();
    const alerts = Array.from({ length: 410 }, () => ({ ...alert, details: 'x'.repeat(20_000) }));
    const body = JSON.stringify({ source: 'prometheus', alerts });
    expect(body.length).toBeGreaterThan(8_000_000);
    expect((await app.post('/api/alerts', body, bearer(TOKENS.prometheus))).status).toBe(202);
  });
});

describe('addresses and methods', () => {
  it('a known path with another method gets 405 and an Allow header', async () => {
    const app = await start();
    const response = await app.post('/console/audit', {});
    expect([response.status, response.headers.get('allow'), (await errorOf(response)).code]).toEqual([
      405,
      'HEAD, GET',
      'method_not_allowed',
    ]);
  });

  it.each([
    '/nothing',
    '/console/nothing',
    '/assets/x/console.css',
    '/console/surfaces/no-such',
    '/console/customers/x/tickets',
  ])('the unknown path %s gets 404', async (path) => {
    const app = await start();
    expect((await app.get(path)).status).toBe(404);
  });

  it('HEAD gets the response of GET without its body', async () => {
    const app = await start();
    const response = await fetch(`${app.url}/console/status`, { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(100);
  });

  it('the id of an actor may contain any character', async () => {
    const asked: string[] = [];
    const actor = async (id: string) => {
      asked.push(id);
      return null;
    };
    const app = await start({ services: { actor } });
    await app.get(`/console/inspect/actors/${encodeURIComponent('alert:grafana:a/b%?#ü')}`);
    expect(asked).toEqual(['alert:grafana:a/b%?#ü']);
  });
});

function chunked(url: string, body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', headers: { 'content-type': 'application/json' } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    // The server may close the connection before everything was sent.
    sending.on('error', (error) => reject(error));
    for (let at = 0; at < body.length; at += 65_536) sending.write(body.slice(at, at + 65_536));
    sending.end();
  });
}

it('the very long name of an unknown field is shortened in the error', async () => {
  const app = await start();
  const flag = '/console/flags/FLAG_CONSOLE_INVESTIGATE_FROM_STATUS';
  const refused = await app.post(flag, { enabled: true, ['x'.repeat(100_000)]: 1 });
  expect([refused.status, (await refused.text()).length < 3_000]).toEqual([400, true]);
  const taken = await app.post('/api/alerts', { source: 'a', alerts: [], ['x'.repeat(100_000)]: 1 });
  expect([taken.status, (await taken.text()).length < 3_000]).toEqual([202, true]);
});
