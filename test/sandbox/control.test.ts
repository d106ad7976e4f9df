import { describe, expect, it, onTestFinished } from 'vitest';
import { startSandboxServices } from '../../src/sandbox/services/sandboxServices.ts';
import { createSites } from '../../src/sandbox/sites.ts';
import { startSandboxSlack } from '../../src/sandbox/slack/sandboxSlack.ts';
import { API_KEY, startFreeScoutFixture } from './freescout/freescoutFixture.ts';

const FORM = { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };

describe('the control path of a sandbox', () => {
  it('a fault can be added, listed and removed over HTTP', async () => {
    const { bare, api } = await startFreeScoutFixture();
    const added = await bare.post('/__control/faults', { kind: 'status', status: 503, method: 'GET' });
    expect([added.status, added.data]).toEqual([201, { id: '1' }]);
    expect((await api.get('/api/mailboxes')).status).toBe(503);
    const { data } = await bare.get('/__control/faults');
    expect(data.faults).toEqual([{ id: '1', hits: 1, kind: 'status', status: 503, method: 'GET' }]);
    expect((await bare.delete('/__control/faults/1')).status).toBe(204);
    expect((await bare.delete('/__control/faults/1')).status).toBe(404);
    expect((await api.get('/api/mailboxes')).status).toBe(200);
  });

  it('DELETE /__control/faults clears all faults', async () => {
    const { bare, sandbox } = await startFreeScoutFixture({ faults: [{ kind: 'hang' }, { kind: 'reset' }] });
    expect((await bare.delete('/__control/faults')).status).toBe(204);
    expect(sandbox.control.faults.list()).toEqual([]);
  });

  it('an invalid fault is rejected with the name of the field', async () => {
    const { bare } = await startFreeScoutFixture();
    const answer = await bare.post('/__control/faults', { kind: 'status', status: 'high' });
    expect([answer.status, answer.data.errors[0].field]).toEqual([400, 'status']);
  });

  it('a fault sent as a form ignores blank fields and redirects to the page of faults', async () => {
    const { bare, sandbox } = await startFreeScoutFixture();
    const answer = await bare.post(
      '/__control/faults',
      'kind=delay&when=&method=&path=&status=&delay_ms=5&times=',
      FORM,
    );
    expect([answer.status, answer.headers.location]).toEqual([302, '/__control']);
    expect(sandbox.control.faults.list()).toEqual([{ id: '1', hits: 0, kind: 'delay', delay_ms: 5 }]);
  });

  it('a switch can be set, and an unknown switch is rejected', async () => {
    const { bare, api } = await startFreeScoutFixture();
    const answer = await bare.post('/__control/switches', { tags_module: false });
    expect(answer.data).toMatchObject({ tags_module: false, maintenance: false });
    expect((await api.get('/api/tags')).status).toBe(400);
    expect((await bare.post('/__control/switches', { electricity: false })).status).toBe(400);
  });

  it('one click begins a common fault, and one more ends it', async () => {
    const { bare, api } = await startFreeScoutFixture();
    const press = async () => (await bare.post('/__control/faults/common', { name: 'html' })).data;
    expect(await press()).toEqual({ active: true });
    expect((await api.get('/api/mailboxes')).headers['content-type']).toMatch(/html/);
    expect(String((await bare.get('/__control')).data)).toMatch(/id="fault-html" aria-pressed(="true")?[ >]/);
    expect(await press()).toEqual({ active: false });
    expect((await api.get('/api/mailboxes')).headers['content-type']).toMatch(/json/);
    expect((await bare.post('/__control/faults/common', { name: 'fire' })).status).toBe(400);
  });

  it('the list of received requests contains no API key', async () => {
    const { bare, api } = await startFreeScoutFixture();
    await api.get(`/api/mailboxes?api_key=${API_KEY}`);
    await api.post('/api/customers', { api_key: API_KEY, firstName: 'Ada' });
    const text = JSON.stringify((await bare.get('/__control/requests')).data);
    expect(text).toContain('/api/mailboxes?api_key=…');
    expect(text).not.toContain(API_KEY);
    expect((await bare.get('/__control')).data).not.toContain(API_KEY);
  });

  it('the manual actions of an operator are available over HTTP', async () => {
    const { bare, file, sandbox } = await startFreeScoutFixture();
    const [first, second] = [await file(), await file()];
    const act = async (id: number, body: object) => (await bare.post(`/__control/conversations/${id}`, body)).status;
    expect(await act(second, { action: 'merge', into: first })).toBe(200);
    expect(sandbox.state.tickets.map(({ state }) => state)).toEqual(['published', 'deleted']);
    expect(sandbox.state.tickets[0]?.threads.filter(({ type }) => type === 'customer')).toHaveLength(2);
    expect(await act(first, { action: 'delete' })).toBe(200);
    expect(await act(first, { action: 'trash' })).toBe(400);
    expect(await act(second, { action: 'toString' })).toBe(400);
  });
});

describe('the sandboxes of one process', () => {
  async function startAll() {
    const sites = createSites('http://127.0.0.1:5200');
    const { bare: tickets, sandbox } = await startFreeScoutFixture({ sites });
    const services = await startSandboxServices({ sites });
    const slack = await startSandboxSlack({ token: 'xoxb-test', userId: 'U1', sites });
    onTestFinished(async () => void (await Promise.all([services.stop(), slack.stop()])));
    const pages = [sandbox.url, services.url, slack.url].map((url) => `${url}/`);
    const read = () => Promise.all(pages.map(async (url) => (await fetch(url)).text()));
    return { tickets, sandbox, services, slack, pages, read };
  }

  it('every page says that it is a sandbox, and leads to the console and to the other sandboxes', async () => {
    const { pages, read } = await startAll();
    for (const html of await read()) {
      expect(html).toContain('<strong>Sandbox</strong>');
      for (const url of ['http://127.0.0.1:5200/console/status', ...pages]) expect(html).toContain(`href="${url}"`);
    }
  });

  it('each button on the pages of faults begins its fault with one press, and ends it with one more', async () => {
    const { sandbox, services, slack } = await startAll();
    for (const { url, control } of [sandbox, services, slack]) {
      const page = await (await fetch(`${url}/__control`)).text();
      const names = [...page.matchAll(/id="fault-([\w-]+)"/g)].map(([, name]) => name);
      expect(names.length).toBeGreaterThan(5);
      const headers = { 'content-type': 'application/json' };
      for (const name of names) {
        const press = async () =>
          (
            await fetch(`${url}/__control/faults/common`, { method: 'POST', headers, body: JSON.stringify({ name }) })
          ).json();
        expect([name, await press(), control.faults.list().length]).toEqual([name, { active: true }, 1]);
        expect([name, await press(), control.faults.list().length]).toEqual([name, { active: false }, 0]);
      }
    }
  });

  it('every page lists the active faults of all sandboxes, and ends them all', async () => {
    const { tickets, sandbox, services, slack, read } = await startAll();
    sandbox.control.faults.add({ kind: 'hang' });
    sandbox.control.switches.set('wrong_key', true);
    sandbox.control.switches.set('tags_module', false);
    slack.control.faults.add({ kind: 'reset', when: 'after', method: 'POST' });
    services.control.faults.add({ kind: 'delay', delay_ms: 3000, times: 2 });
    services.control.set('payments', 'down');
    for (const html of await read()) {
      expect([...html.matchAll(/<li>([^<]+)/g)].map(([, what]) => what)).toEqual([
        'FreeScout never responds',
        'FreeScout: API key refused (401)',
        'FreeScout: Tags module off',
        'Each service responds 3 s late, 2 times in all',
        'Payments is down',
        'Slack processes the request, then resets the connection (POST only)',
      ]);
    }
    // The form of a page leads back to it.
    const headers = { 'content-type': 'application/x-www-form-urlencoded', referer: `${sandbox.url}/?folder=all` };
    const ended = await tickets.post('/__control/end-all', 'all=1', { headers });
    expect([ended.status, ended.headers.location]).toEqual([302, '/?folder=all']);
    for (const html of await read()) expect(html).not.toContain('Active faults');
    expect(sandbox.control.switches.all()).toMatchObject({ wrong_key: false, tags_module: true });
    expect(services.state.of('payments')).toBe('healthy');
  });

  it('the form that ends all faults never leads to another site', async () => {
    const { tickets, sandbox } = await startAll();
    const to = async (referer: string) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded', referer };
      return (await tickets.post('/__control/end-all', 'all=1', { headers })).headers.location;
    };
    expect(await to('https://evil.test/')).toBe('/__control');
    expect(await to(`${sandbox.url}//evil.test/`)).toBe('/evil.test/');
  });
});

describe('the page about the API key', () => {
  it('it names the file of the key, never the key', async () => {
    const { bare } = await startFreeScoutFixture({ keyFile: '/data/sandbox/keys.json' });
    const page = String((await bare.get('/api-key')).data);
    expect(page).toContain('fs.readFileSync(&quot;/data/sandbox/keys.json&quot;)');
    expect(page).not.toContain(API_KEY);
  });
});

describe('protection of the control path', () => {
  it.each([
    ['a page of another site', { Origin: 'https://evil.example' }],
    ['a page with an opaque origin', { Origin: 'null' }],
    ['a form of another site', { 'Sec-Fetch-Site': 'cross-site' }],
    ['a host name that resolves to loopback', { Host: 'evil.example' }],
  ])('a control request from %s is rejected', async (_, headers) => {
    const { bare, sandbox } = await startFreeScoutFixture();
    expect((await bare.post('/__control/faults', { kind: 'hang' }, { headers })).status).toBe(403);
    expect(sandbox.control.faults.list()).toEqual([]);
  });

  it('a control request from the sandbox page itself is accepted', async () => {
    const { bare, sandbox } = await startFreeScoutFixture();
    const headers = { Origin: sandbox.url, 'Sec-Fetch-Site': 'same-origin' };
    expect((await bare.post('/__control/faults', { kind: 'hang' }, { headers })).status).toBe(201);
  });
});
