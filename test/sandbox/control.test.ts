import { describe, expect, it } from 'vitest';
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
