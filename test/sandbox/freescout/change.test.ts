import { describe, expect, it } from 'vitest';
import { errorOf, startFreeScoutFixture } from './freescoutFixture.ts';

describe('reading a conversation', () => {
  it('a conversation includes threads unless embed says otherwise', async () => {
    const { api, file } = await startFreeScoutFixture();
    const id = await file();
    expect((await api.get(`/api/conversations/${id}`)).data._embedded.threads).toHaveLength(1);
    const onlyTags = await api.get(`/api/conversations/${id}?embed=tags`);
    expect(onlyTags.data._embedded).toEqual({ threads: [], tags: [] });
  });

  it('an unknown conversation is 404 with an empty list of errors', async () => {
    const { api } = await startFreeScoutFixture();
    const answer = await api.get('/api/conversations/412');
    expect(answer.status).toBe(404);
    expect(answer.data).toEqual({ message: 'Not Found', _embedded: { errors: [] } });
  });
});

describe('updating a conversation', () => {
  it('a user closes a conversation, with a line item that is not counted as a thread', async () => {
    const { api, file } = await startFreeScoutFixture();
    const id = await file();
    const answer = await api.put(`/api/conversations/${id}`, { byUser: 1, status: 'closed' });
    expect([answer.status, answer.data]).toEqual([204, '']);
    const { data } = await api.get(`/api/conversations/${id}`);
    expect(data).toMatchObject({ status: 'closed', closedBy: 1, threadsCount: 1 });
    expect(data.closedAt).not.toBeNull();
    expect(data._embedded.threads[0].type).toBe('lineitem');
  });

  it('an unknown status reopens a closed conversation', async () => {
    const { api, file } = await startFreeScoutFixture();
    const id = await file({ status: 'closed' });
    expect((await api.put(`/api/conversations/${id}`, { byUser: 1, status: 'Closed' })).status).toBe(204);
    const { data } = await api.get(`/api/conversations/${id}`);
    expect(data).toMatchObject({ status: 'active', closedAt: null, closedBy: null });
  });

  it('setting the current status again changes nothing', async () => {
    const { api, file, sandbox } = await startFreeScoutFixture();
    const id = await file();
    await api.put(`/api/conversations/${id}`, { byUser: 1, status: 'active' });
    expect(sandbox.state.tickets[0]?.threads).toHaveLength(1);
  });

  it.each([
    [{ status: 'closed' }, 'byUser parameter is required.'],
    [{ status: 'closed', byUser: 99 }, 'User not found.'],
  ])('the update %j is rejected', async (body, message) => {
    const { api, file } = await startFreeScoutFixture();
    const answer = await api.put(`/api/conversations/${await file()}`, body);
    expect([answer.status, errorOf(answer)]).toEqual([400, { path: 'byUser', message, source: 'JSON' }]);
  });

  it('keys before a rejected key are applied', async () => {
    const { api, file, sandbox } = await startFreeScoutFixture();
    const id = await file();
    await api.put(`/api/conversations/${id}`, { subject: 'Changed', byUser: 1, mailboxId: 99, status: 'closed' });
    expect(sandbox.state.tickets[0]).toMatchObject({ subject: 'Changed', status: 'active', mailboxId: 2 });
  });

  it('a conversation is deleted permanently, and a second deletion is 404', async () => {
    const { api, file } = await startFreeScoutFixture();
    const id = await file();
    expect((await api.delete(`/api/conversations/${id}`)).status).toBe(204);
    expect((await api.delete(`/api/conversations/${id}`)).status).toBe(404);
  });
});

describe('adding a thread', () => {
  it('adding a thread returns 201 with the thread and its id', async () => {
    const { api, file } = await startFreeScoutFixture();
    const id = await file();
    const answer = await api.post(`/api/conversations/${id}/threads`, { type: 'note', text: '<b>seen</b>', user: 1 });
    expect(answer.status).toBe(201);
    expect(answer.headers['resource-id']).toBe(String(answer.data.id));
    expect(answer.data).toMatchObject({ type: 'note', body: '<b>seen</b>', status: 'nochange', createdBy: { id: 1 } });
  });

  it.each([
    ['note', 'closed'],
    ['message', 'pending'],
    ['customer', 'active'],
  ])('after a %s a closed conversation is %s', async (type, status) => {
    const { api, file, sandbox } = await startFreeScoutFixture();
    const id = await file({ status: 'closed' });
    await api.post(`/api/conversations/${id}/threads`, { type, text: 'x', user: 1 });
    expect(sandbox.state.tickets[0]?.status).toBe(status);
  });

  it('a note with a status changes the status', async () => {
    const { api, file, sandbox } = await startFreeScoutFixture();
    const id = await file({ status: 'closed' });
    await api.post(`/api/conversations/${id}/threads`, { type: 'note', text: 'x', user: 1, status: 'spam' });
    expect(sandbox.state.tickets[0]?.status).toBe('spam');
  });

  it('a thread of a customer restores a conversation from the trash', async () => {
    const { api, file, sandbox } = await startFreeScoutFixture();
    const id = await file();
    sandbox.control.act(id, 'trash');
    await api.post(`/api/conversations/${id}/threads`, { type: 'note', text: 'x', user: 1 });
    expect(sandbox.state.tickets[0]?.state).toBe('deleted');
    await api.post(`/api/conversations/${id}/threads`, { type: 'customer', text: 'x' });
    expect(sandbox.state.tickets[0]?.state).toBe('published');
  });

  it('a thread requires a conversation, a text and, for a note, a user', async () => {
    const { api, file } = await startFreeScoutFixture();
    const id = await file();
    expect((await api.post('/api/conversations/99/threads', { type: 'note', text: 'x', user: 1 })).status).toBe(404);
    const noText = await api.post(`/api/conversations/${id}/threads`, { type: 'note', user: 1 });
    const noUser = await api.post(`/api/conversations/${id}/threads`, { type: 'note', text: 'x' });
    expect([errorOf(noText).path, errorOf(noUser).path]).toEqual(['text', 'user']);
  });
});
