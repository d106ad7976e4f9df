import { describe, expect, it } from 'vitest';
import { API_KEY, startFreeScoutFixture, ticket } from './freescoutFixture.ts';

const KEY = { 'X-FreeScout-API-Key': API_KEY };
const JSON_PLEASE = { Accept: 'application/json' };

describe('the key', () => {
  it('counts in its own header', async () => {
    const { bare } = await startFreeScoutFixture();
    expect((await bare.get('/api/mailboxes', { headers: KEY })).status).toBe(200);
  });

  it('counts as a query parameter and as a field of the body', async () => {
    const { bare } = await startFreeScoutFixture();
    expect((await bare.get('/api/mailboxes', { params: { api_key: API_KEY } })).status).toBe(200);
    expect((await bare.post('/api/conversations', ticket({ api_key: API_KEY }))).status).toBe(201);
  });

  it('is not looked for in an Authorization header', async () => {
    const { bare } = await startFreeScoutFixture();
    const bearer = await bare.get('/api/mailboxes', { headers: { Authorization: `Bearer ${API_KEY}` } });
    const basic = await bare.get('/api/mailboxes', { auth: { username: API_KEY, password: '' } });
    expect([bearer.status, basic.status]).toEqual([401, 401]);
  });

  it('refuses in JSON even those who did not ask for it', async () => {
    const { bare } = await startFreeScoutFixture();
    const answer = await bare.get('/api/mailboxes', { headers: { 'X-FreeScout-API-Key': 'wrong' } });
    expect(answer.status).toBe(401);
    expect(answer.data).toEqual({ message: 'Not Authorized' });
  });

  it('is wrong for everyone while the switch says so', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    sandbox.control.switches.set('wrong_key', true);
    expect((await api.get('/api/mailboxes')).status).toBe(401);
  });
});

describe('answers of the framework', () => {
  it('are web pages unless JSON is the first choice', async () => {
    const { bare } = await startFreeScoutFixture();
    const page = await bare.get('/api/nothing', { headers: KEY });
    expect(page.status).toBe(404);
    expect(page.headers['content-type']).toContain('text/html');
    expect(page.data).toContain('Page Not Found');
    const json = await bare.get('/api/nothing', { headers: { ...KEY, ...JSON_PLEASE } });
    expect(json.data).toEqual({ message: '' });
  });

  it('say that there is no route for a single mailbox, key or no key', async () => {
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

  it('name the allowed methods where the method is wrong', async () => {
    const { api } = await startFreeScoutFixture();
    const answer = await api.patch('/api/conversations/1', {});
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD, PUT, DELETE');
    expect(answer.data).toEqual({ message: '' });
  });

  it('refuse HEAD on a route that has GET', async () => {
    const { api } = await startFreeScoutFixture();
    expect((await api.head('/api/mailboxes')).status).toBe(405);
  });

  it('send a path with a slash at its end elsewhere', async () => {
    const { api } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations/?a=1', ticket());
    expect(answer.status).toBe(301);
    expect(answer.headers.location).toBe('/api/conversations?a=1');
  });

  it('refuse a body over 8 MB', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations', ticket({ subject: 'x'.repeat(8 * 1024 * 1024) }));
    expect(answer.status).toBe(413);
    expect(sandbox.state.tickets).toEqual([]);
  });

  it('are never to be kept in a cache', async () => {
    const { api } = await startFreeScoutFixture();
    expect((await api.get('/api/mailboxes')).headers['cache-control']).toContain('no-store');
  });
});

describe('the instance', () => {
  it('refuses a Host that is not its own, where it knows its own', async () => {
    const { api } = await startFreeScoutFixture({ appHost: 'desk.example' });
    const stranger = await api.get('/api/mailboxes');
    expect(stranger.status).toBe(403);
    expect(stranger.data.message).toMatch(/^Untrusted Host: 127\.0\.0\.1\. Add the following/);
    expect((await api.get('/api/mailboxes', { headers: { Host: 'desk.example' } })).status).toBe(200);
  });

  it('answers 503 during maintenance', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    sandbox.control.switches.set('maintenance', true);
    expect((await api.get('/api/mailboxes')).status).toBe(503);
  });

  it('has no API at all without the module', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    sandbox.control.switches.set('api_module_off', true);
    const answer = await api.get('/api/conversations');
    expect(answer.status).toBe(404);
    expect(answer.data).not.toHaveProperty('_embedded');
  });

  it('does not list a mailbox that was deleted, and refuses tickets for it', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    sandbox.control.switches.set('mailbox_deleted', true);
    const list = await api.get('/api/mailboxes');
    expect(list.data._embedded.mailboxes.map(({ id }: { id: number }) => id)).toEqual([sandbox.supportMailboxId]);
    expect((await api.post('/api/conversations', ticket())).status).toBe(400);
  });
});
