import { request } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ConsoleApi } from '../../src/http/consoleApi.ts';
import { bearer, SIGN_IN, start, TOKENS } from './support.ts';

const KUMA = bearer('token-of-uptime-kuma-0123456789');
const PROMETHEUS = bearer(TOKENS.prometheus);
const ALERTS = [{ alert_id: 'disk', severity: 'P1', status: 'firing', title: 'Disk full' }];
const TOO_LARGE = JSON.stringify({ source: 'prometheus', alerts: [], more: ' '.repeat(8 * 1_048_576) });

/** The refusals as they are counted: of which kind and of which source. */
async function startCounting(services: Partial<ConsoleApi> = {}, env: Record<string, string> = SIGN_IN) {
  const refusals: [kind: string, source: string | null | undefined][] = [];
  const refused: ConsoleApi['refused'] = (kind, _address, source) => void refusals.push([kind, source]);
  return { app: await start({ env, services: { ...services, refused } }), refusals };
}

describe('requests that are refused at the door', () => {
  it.each<[what: string, path: string, headers: Record<string, string>, body: unknown, counted: [string, string]]>([
    ['of another sender than the source', '/api/webhooks/gatus/kuma', KUMA, {}, ['forbidden', 'kuma']],
    ['of another source', '/api/webhooks/gatus/kuma', PROMETHEUS, {}, ['forbidden', 'prometheus']],
    ['with too large a body', '/api/webhooks/grafana/prometheus', PROMETHEUS, TOO_LARGE, ['too_large', 'prometheus']],
    ['with too large a list', '/api/alerts', PROMETHEUS, TOO_LARGE, ['too_large', 'prometheus']],
    ['for another source', '/api/alerts', PROMETHEUS, { source: 'kuma', alerts: ALERTS }, ['forbidden', 'prometheus']],
    ['with a wrong token', '/api/webhooks/gatus/kuma', bearer('wrong'), {}, ['invalid_token', 'kuma']],
    ['with a wrong token in its path', '/api/webhooks/gatus/kuma/wrong', {}, {}, ['invalid_token', 'kuma']],
    ['without a token', '/api/webhooks/gatus/prometheus', {}, {}, ['invalid_token', 'prometheus']],
  ])('a refused request %s, to %s, counts for the source', async (_what, path, headers, body, counted) => {
    const { app, refusals } = await startCounting();
    expect((await app.post(path, body, headers)).ok).toBe(false);
    expect(refusals).toEqual([counted]);
  });

  it('a request that is refused because too many of its source wait counts for it', async () => {
    const { app, refusals } = await startCounting({ storeRequest: async () => null });
    expect((await app.post('/api/webhooks/grafana/prometheus', {}, PROMETHEUS)).status).toBe(503);
    expect(refusals).toEqual([['too_many_waiting', 'prometheus']]);
  });

  it.each([
    ['/api/webhooks/grafana/prometheus', 503, {}],
    ['/api/alerts', 429, { source: 'prometheus', alerts: ALERTS }],
  ])('a request over the quota, to %s, counts for its source', async (path, status, body) => {
    const { app, refusals } = await startCounting({}, { ...SIGN_IN, SOURCE_REQUESTS_PER_MINUTE: '1' });
    await app.post(path, body, PROMETHEUS);
    expect((await app.post(path, body, PROMETHEUS)).status).toBe(status);
    expect(refusals).toEqual([['over_quota', 'prometheus']]);
  });

  it.each(['/api/alerts', '/api/webhooks/grafana/prometheus'])(
    'a request to %s that is refused because too many large ones of its source do not end counts for it',
    async (path) => {
      const { app, refusals } = await startCounting();
      const headers = { ...PROMETHEUS, 'content-type': 'application/json', 'content-length': 8 * 1_048_576 };
      // Two have a quarter of the memory, and a hundred wait.
      for (let n = 0; n < 103; n += 1) {
        const stalled = request(`${app.url}${path}`, { method: 'POST', headers }).on('error', () => undefined);
        stalled.flushHeaders();
        onTestFinished(() => void stalled.destroy());
      }
      await expect.poll(() => refusals).toEqual([['busy', 'prometheus']]);
    },
  );

  it('a refused event for PagerDuty whose token is in its body counts for its source', async () => {
    const token = TOKENS.prometheus;
    const { app, refusals } = await startCounting({ sourceKind: async () => 'gatus' });
    expect((await app.post('/v2/enqueue', { routing_key: token, event_action: 'trigger' })).status).toBe(403);
    expect(refusals).toEqual([['forbidden', 'prometheus']]);
  });
});

describe('requests without the token of a source', () => {
  it.each([
    ['/api/webhooks/gatus/invented', bearer('wrong')],
    ['/api/webhooks/gatus/invented/wrong', {}],
    ['/api/webhooks/gatus/invented', {}],
    ['/api/webhooks/opsgenie/invented/v2/alerts', bearer('wrong')],
  ])('a wrong token at %s, which names an invented source, counts for no source', async (path, headers) => {
    const { app, refusals } = await startCounting();
    expect((await app.post(path, {}, headers)).status).toBe(401);
    expect(refusals).toEqual([['invalid_token', null]]);
  });

  it('a wrong token counts and is answered while the sources of the surfaces file cannot be looked up', async () => {
    const isDeclared = () => Promise.reject(new Error('connect ECONNREFUSED'));
    const { app, refusals } = await startCounting({ isDeclared });
    expect((await app.post('/api/webhooks/gatus/kuma', {}, bearer('wrong'))).status).toBe(401);
    expect(refusals).toEqual([['invalid_token', null]]);
  });

  it('the local developer, who may name any source, counts for none', async () => {
    const { app, refusals } = await startCounting({ sourceKind: async () => 'grafana' }, {});
    expect((await app.post('/api/webhooks/gatus/invented', {})).status).toBe(403);
    expect(refusals).toEqual([['forbidden', null]]);
  });

  it('a person or script whose body is too large counts for no source', async () => {
    const { app, refusals } = await startCounting();
    const headers = bearer(TOKENS.admin);
    expect((await app.post('/console/flags/FLAG_CONSOLE_ALERTS_AUTO_TICKET', TOO_LARGE, headers)).status).toBe(413);
    expect(refusals).toEqual([]);
  });
});
