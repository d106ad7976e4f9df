import axios from 'axios';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSandboxServices } from '../../src/sandbox/services/sandboxServices.ts';

async function startSurfaces() {
  const sandbox = await startSandboxServices({ slowMs: 150 });
  onTestFinished(() => sandbox.stop());
  const http = axios.create({ baseURL: sandbox.url, validateStatus: () => true, maxRedirects: 0 });
  const check = (timeout = 5000) => http.get('/s/api-prod/healthz', { timeout });
  return { sandbox, http, check };
}

describe('a demo service', () => {
  it('a demo service starts healthy', async () => {
    const { check } = await startSurfaces();
    expect((await check()).data).toEqual({ status: 'ok', service: 'api-prod' });
  });

  it('a demo service follows the state set over HTTP', async () => {
    const { http, check } = await startSurfaces();
    const told = await http.post('/s/api-prod/state', { state: 'down' });
    expect([told.status, told.data]).toEqual([200, { id: 'api-prod', state: 'down' }]);
    expect((await check()).status).toBe(500);
    expect((await http.get('/s/web-prod/healthz')).status).toBe(200);
    await http.post('/s/api-prod/state', { state: 'healthy' });
    expect((await check()).status).toBe(200);
  });

  it('a busy demo service responds with 503 and Retry-After', async () => {
    const { sandbox, check } = await startSurfaces();
    sandbox.control.set('api-prod', 'busy');
    const answer = await check();
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '30']);
  });

  it('a slow demo service responds late with 200', async () => {
    const { sandbox, check } = await startSurfaces();
    sandbox.control.set('api-prod', 'slow');
    await expect(check(50)).rejects.toMatchObject({ code: 'ECONNABORTED' });
    expect((await check()).status).toBe(200);
  });

  it('a hanging demo service never responds', async () => {
    const { sandbox, check } = await startSurfaces();
    sandbox.control.set('api-prod', 'hanging');
    await expect(check(300)).rejects.toMatchObject({ code: 'ECONNABORTED' });
  });

  it('a redirecting demo service redirects', async () => {
    const { sandbox, check } = await startSurfaces();
    sandbox.control.set('api-prod', 'redirecting');
    expect((await check()).status).toBe(302);
  });

  it('the address of an unresolvable demo service has a name that does not exist, until it is healthy again', async () => {
    const { sandbox } = await startSurfaces();
    const hostOf = () => new URL(sandbox.surfaces[0]?.url ?? '').hostname;
    const seen: string[] = [];
    sandbox.onChange(() => void seen.push(hostOf()));
    for (const state of ['down', 'unresolvable', 'unresolvable', 'healthy'] as const)
      sandbox.control.set('api-prod', state);
    expect(seen).toEqual(['service.invalid', '127.0.0.1']);
  });

  it('the form on the page changes the state of a demo service', async () => {
    const { sandbox, http } = await startSurfaces();
    const answer = await http.post('/s/payments/state', new URLSearchParams({ state: 'down' }));
    expect([answer.status, answer.headers.location]).toEqual([303, '/']);
    expect(sandbox.state.of('payments')).toBe('down');
    expect(String((await http.get('/')).data)).toMatch(/id="payments-down" aria-pressed(="true")?[ >]/);
    await http.post('/all/state', new URLSearchParams());
    expect(sandbox.state.of('payments')).toBe('healthy');
  });

  it('an unknown state is rejected with 400 and an unknown service with 404', async () => {
    const { http } = await startSurfaces();
    expect((await http.post('/s/api-prod/state', { state: 'exploded' })).status).toBe(400);
    expect((await http.post('/s/nothing/state', { state: 'down' })).status).toBe(404);
    expect((await http.get('/s/nothing/healthz')).status).toBe(404);
  });
});

it('the sandbox provides a surfaces list that can be polled', async () => {
  const { sandbox } = await startSurfaces();
  expect(sandbox.surfaces[0]).toMatchObject({
    id: 'api-prod',
    url: `${sandbox.url}/s/api-prod/healthz`,
    failures_to_open: 2,
    severity: { degraded: 'P2', down: 'P1' },
  });
  expect(sandbox.surfaces.filter(({ severity }) => severity.down === 'P1').length).toBeGreaterThan(2);
  expect(sandbox.surfaces.some(({ severity }) => severity.degraded === 'P3')).toBe(true);
});
