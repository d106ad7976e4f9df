import { describe, expect, it } from 'vitest';
import { errorOf, startFreeScoutFixture } from './freescoutFixture.ts';

describe('reading a conversation', () => {
  it('includes threads unless embed names something else', async () => {
    const { api, file } = await startFreeScoutFixture();
    const id = await file();
    expect((await api.get(`/api/conversations/${id}`)).data._embedded.threads).toHaveLength(1);
    const onlyTags = await api.get(`/api/conversations/${id}?embed=tags`);
    expect(onlyTags.data._embedded).toEqual({ threads: [], tags: [] });
  });

  it('says Not Found with an empty error list where there is none', async () => {
    const { api } = await startFreeScoutFixture();
    const answer = await api.get('/api/conversations/412');
    expect(answer.status).toBe(404);
    expect(answer.data).toEqual({ message: 'Not Found', _embedded: { errors: [] } });
  });
});

describe('updating a conversation', () => {
  it('closes it in the name of a user, with a line item that is not counted', async () => {
    const { api, file } = await startFreeScoutFixture();
    const id = await file();
    const answer = await api.put(`/api/conversations/${id}`, { byUser: 1, status: 'closed' });
    expect([answer.status, answer.data]).toEqual([204, '']);
    const { data } = await api.get(`/api/conversations/${id}`);
    expect(data).toMatchObject({ status: 'closed', closedBy: 1, threadsCount: 1 });
    expect(data.closedAt).not.toBeNull();
    expect(data._embedded.threads[0].type).toBe('lineitem');
  });

  it('reopens a closed one on a status that it does not know', async () => {
    const { api, file } = await startFreeScoutFixture();
    const id = await file({ status: 'closed' });
    expect((await api.put(`/api/conversations/${id}`, { byUser: 1, status: 'Closed' })).status).toBe(204);
    const { data } = await api.get(`/api/conversations/${id}`);
    expect(data).toMatchObject({ status: 'active', closedAt: null, closedBy: null });
  });

  it('does nothing where the status is that already', async () => {
    const { api, file, sandbox } = await startFreeScoutFixture();
    const id = await file();
    await api.put(`/api/conversations/${id}`, { byUser: 1, status: 'active' });
    expect(sandbox.state.tickets[0]?.threads).toHaveLength(1);
  });

  it.each([
    [{ status: 'closed' }, 'byUser parameter is required.'],
    [{ status: 'closed', byUser: 99 }, 'User not found.'],
  ])('refuses %j', async (body, message) => {
    const { api, file } = await startFreeScoutFixture();
    const answer = await api.put(`/api/conversations/${await file()}`, body);
    expect([answer.status, errorOf(answer)]).toEqual([400, { path: 'byUser', message, source: 'JSON' }]);
  });

  it('keeps what stood before a refused key', async () => {
    const { api, file, sandbox } = await startFreeScoutFixture();
    const id = await file();
    await api.put(`/api/conversations/${id}`, { subject: 'Changed', byUser: 1, mailboxId: 99, status: 'closed' });
    expect(sandbox.state.tickets[0]).toMatchObject({ subject: 'Changed', status: 'active', mailboxId: 2 });
  });

  it('deletes for ever, and only once', async () => {
    const { api, file } = await startFreeScoutFixture();
    const id = await file();
    expect((await api.delete(`/api/conversations/${id}`)).status).toBe(204);
    expect((await api.delete(`/api/conversations/${id}`)).status).toBe(404);
  });
});

describe('adding a thread', () => {
  it('answers 201 with the thread and its id', async () => {
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
  ])('leaves a closed conversation after a %s %s', async (type, status) => {
    const { api, file, sandbox } = await startFreeScoutFixture();
    const id = await file({ status: 'closed' });
    await api.post(`/api/conversations/${id}/threads`, { type, text: 'x', user: 1 });
    expect(sandbox.state.tickets[0]?.status).toBe(status);
  });

  it('changes the status with a note where the note says so', async () => {
    const { api, file, sandbox } = await startFreeScoutFixture();
    const id = await file({ status: 'closed' });
    await api.post(`/api/conversations/${id}/threads`, { type: 'note', text: 'x', user: 1, status: 'spam' });
    expect(sandbox.state.tickets[0]?.status).toBe('spam');
  });

  it('takes a conversation out of the trash where a customer writes', async () => {
    const { api, file, sandbox } = await startFreeScoutFixture();
    const id = await file();
    sandbox.control.act(id, 'trash');
    await api.post(`/api/conversations/${id}/threads`, { type: 'note', text: 'x', user: 1 });
    expect(sandbox.state.tickets[0]?.state).toBe('deleted');
    await api.post(`/api/conversations/${id}/threads`, { type: 'customer', text: 'x' });
    expect(sandbox.state.tickets[0]?.state).toBe('published');
  });

  it('needs a conversation, a text and, for a note, a user', async () => {
    const { api, file } = await startFreeScoutFixture();
    const id = await file();
    expect((await api.post('/api/conversations/99/threads', { type: 'note', text: 'x', user: 1 })).status).toBe(404);
    const noText = await api.post(`/api/conversations/${id}/threads`, { type: 'note', user: 1 });
    const noUser = await api.post(`/api/conversations/${id}/threads`, { type: 'note', text: 'x' });
    expect([errorOf(noText).path, errorOf(noUser).path]).toEqual(['text', 'user']);
  });
});
