import { describe, expect, it } from 'vitest';
import { API_KEY, startFreeScoutFixture, ticket } from './freescoutFixture.ts';

const KEY = { 'X-FreeScout-API-Key': API_KEY };
const JSON_PLEASE = { Accept: 'application/json' };

describe('the API key of the sandbox FreeScout', () => {
  it('the API key is accepted in its own header', async () => {
    const { bare } = await startFreeScoutFixture();
    expect((await bare.get('/api/mailboxes', { headers: KEY })).status).toBe(200);
  });

  it('the API key is accepted as a query parameter and as a field of the body', async () => {
    const { bare } = await startFreeScoutFixture();
    expect((await bare.get('/api/mailboxes', { params: { api_key: API_KEY } })).status).toBe(200);
    expect((await bare.post('/api/conversations', ticket({ api_key: API_KEY }))).status).toBe(201);
  });

  it('the API key is not accepted in an Authorization header', async () => {
    const { bare } = await startFreeScoutFixture();
    const bearer = await bare.get('/api/mailboxes', { headers: { Authorization: `Bearer ${API_KEY}` } });
    const basic = await bare.get('/api/mailboxes', { auth: { username: API_KEY, password: '' } });
    expect([bearer.status, basic.status]).toEqual([401, 401]);
  });

  it('a wrong API key is rejected in JSON, whatever the request accepts', async () => {
    const { bare } = await startFreeScoutFixture();
    const answer = await bare.get('/api/mailboxes', { headers: { 'X-FreeScout-API-Key': 'wrong' } });
    expect(answer.status).toBe(401);
    expect(answer.data).toEqual({ message: 'Not Authorized' });
  });

  it('every API key is wrong while the switch wrong_key is on', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    sandbox.control.switches.set('wrong_key', true);
    expect((await api.get('/api/mailboxes')).status).toBe(401);
  });
});

describe('responses of the framework', () => {
  it('an error of the framework is an HTML page unless JSON is the first accepted type', async () => {
    const { bare } = await startFreeScoutFixture();
    const page = await bare.get('/api/nothing', { headers: KEY });
    expect(page.status).toBe(404);
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.data).toContain('Page Not Found');
    const json = await bare.get('/api/nothing', { headers: { ...KEY, ...JSON_PLEASE } });
    expect(json.data).toEqual({ message: '' });
  });

  it('a single mailbox is 404 with and without a valid key', async () => {
    const { api, bare } = await startFreeScoutFixture();
    const answers = await Promise.all([
      api.get('/api/mailboxes/2'),
      bare.get('/api/mailboxes/2', { headers: JSON_PLEASE }),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(404);
      expect(answer.data).toEqual({ message: '' });
    }
  });

  it('405 lists the allowed methods', async () => {
    const { api } = await startFreeScoutFixture();
    const answer = await api.patch('/api/conversations/1', {});
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD, PUT, DELETE');
    expect(answer.data).toEqual({ message: '' });
  });

  it('HEAD is rejected on a route that has GET', async () => {
    const { api } = await startFreeScoutFixture();
    expect((await api.head('/api/mailboxes')).status).toBe(405);
  });

  it('a path with a trailing slash is redirected', async () => {
    const { api } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations/?a=1', ticket());
    expect(answer.status).toBe(301);
    expect(answer.headers.location).toBe('/api/conversations?a=1');
  });

  it('a body over 8 MB is rejected', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations', ticket({ subject: 'x'.repeat(8 * 1024 * 1024) }));
    expect(answer.status).toBe(413);
    expect(sandbox.state.tickets).toEqual([]);
  });

  it('responses forbid caching', async () => {
    const { api } = await startFreeScoutFixture();
    expect((await api.get('/api/mailboxes')).headers['cache-control']).toContain('no-store');
  });
});

describe('conditions of the sandbox FreeScout', () => {
  it('with a configured host name, every other Host is rejected', async () => {
    const { api } = await startFreeScoutFixture({ appHost: 'freescout.example' });
    const stranger = await api.get('/api/mailboxes');
    expect(stranger.status).toBe(403);
    expect(stranger.data.message).toMatch(/^Untrusted Host: 127\.0\.0\.1\. Add the following/);
    expect((await api.get('/api/mailboxes', { headers: { Host: 'freescout.example' } })).status).toBe(200);
  });

  it('every request is 503 during maintenance', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    sandbox.control.switches.set('maintenance', true);
    expect((await api.get('/api/mailboxes')).status).toBe(503);
  });

  it('every API route is 404 without the API module', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    sandbox.control.switches.set('api_module_off', true);
    const answer = await api.get('/api/conversations');
    expect(answer.status).toBe(404);
    expect(answer.data).not.toHaveProperty('_embedded');
  });

  it('a deleted mailbox is not listed, and tickets for it are rejected', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    sandbox.control.switches.set('mailbox_deleted', true);
    const list = await api.get('/api/mailboxes');
    expect(list.data._embedded.mailboxes.map(({ id }: { id: number }) => id)).toEqual([sandbox.supportMailboxId]);
    expect((await api.post('/api/conversations', ticket())).status).toBe(400);
  });
});
