import { describe, expect, it } from 'vitest';
import { errorOf, startFreeScoutFixture, ticket } from './freescoutFixture.ts';

describe('creating a conversation', () => {
  it('answers 201 with its id in a header and the conversation with its threads in the body', async () => {
    const { api } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations', ticket());
    expect(answer.status).toBe(201);
    expect(answer.headers['resource-id']).toBe('1');
    expect(answer.headers).not.toHaveProperty('location');
    expect(answer.data).toMatchObject({ id: 1, number: 1, status: 'active', state: 'published', threadsCount: 1 });
    expect(answer.data).toMatchObject({
      mailboxId: 2,
      preview: 'It is down.',
      source: { type: 'api', via: 'customer' },
    });
    expect(answer.data.customer).toMatchObject({ type: 'customer', email: 'bot@console.example', lastName: null });
    expect(answer.data._embedded.threads[0]).toMatchObject({ type: 'customer', body: '<p>It is down.</p>' });
    expect(answer.data._embedded).not.toHaveProperty('tags');
  });

  it('writes dates in whole seconds of UTC', async () => {
    const { api } = await startFreeScoutFixture({ now: () => new Date('2026-05-05T14:32:17.987Z') });
    expect((await api.post('/api/conversations', ticket())).data.createdAt).toBe('2026-05-05T14:32:17Z');
  });

  it.each(['subject', 'type', 'mailboxId', 'customer', 'threads'])('needs %s', async (name) => {
    const { api, sandbox } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations', { ...ticket(), [name]: undefined });
    expect(answer.status).toBe(400);
    expect(answer.data.message).toBe('Error occurred');
    const message = `\`${name}\` parameter is required`;
    expect(answer.data._embedded.errors).toEqual([{ path: name, message, source: 'JSON' }]);
    expect(sandbox.state.tickets).toEqual([]);
  });

  it.each([
    ['malformed JSON', 'application/json', '{"subject":"x",'],
    ['another content type', 'text/plain', JSON.stringify(ticket())],
  ])('takes %s for an empty body, and misses the subject first', async (_, type, body) => {
    const { api } = await startFreeScoutFixture();
    const headers = { 'Content-Type': type };
    const answer = await api.post('/api/conversations', body, { headers, transformRequest: (data: string) => data });
    expect(answer.status).toBe(400);
    expect(errorOf(answer).path).toBe('subject');
  });

  it('leaves the customer behind where the mailbox is unknown', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations', ticket({ mailboxId: 99 }));
    expect(answer.status).toBe(400);
    expect(errorOf(answer).path).toBe('mailboxId');
    expect(sandbox.state.customers.map(({ emails }) => emails)).toEqual([['bot@console.example']]);
    expect(sandbox.state.tickets).toEqual([]);
  });

  it('leaves the customer behind where a date cannot be read, too', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations', ticket({ createdAt: 'yesterday-ish' }));
    expect(answer.status).toBe(500);
    expect(answer.data).toEqual({ message: 'Server Error' });
    expect(sandbox.state.customers).toHaveLength(1);
  });

  it.each(['Closed', 'resolved', 'ACTIVE'])('takes the status %s for active', async (status) => {
    const { api } = await startFreeScoutFixture();
    expect((await api.post('/api/conversations', ticket({ status }))).data.status).toBe('active');
  });

  it('takes an unknown type for email', async () => {
    const { api } = await startFreeScoutFixture();
    expect((await api.post('/api/conversations', ticket({ type: 'alarm' }))).data.type).toBe('email');
  });

  it('ignores tags and keys it does not know', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations', ticket({ tags: ['auto:alert'], severity: 'P1' }));
    expect(answer.status).toBe(201);
    expect(sandbox.state.tickets[0]?.tags).toEqual([]);
  });

  it('trims texts, turns empty ones into nothing, and cuts the subject at 998 characters', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    const customer = { email: ' bot@console.example ', firstName: '' };
    const answer = await api.post('/api/conversations', ticket({ subject: `  ${'é'.repeat(1500)}  `, customer }));
    expect(answer.data.subject).toBe('é'.repeat(998));
    expect(sandbox.state.customers[0]).toMatchObject({ emails: ['bot@console.example'], firstName: null });
  });

  it('lets an empty subject pass, since only its presence is asked for', async () => {
    const { api } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations', ticket({ subject: '' }));
    expect([answer.status, answer.data.subject]).toEqual([201, '']);
  });

  it('finds a customer again in whatever case the address is written', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    await api.post('/api/conversations', ticket());
    await api.post('/api/conversations', ticket({ customer: { email: 'BOT@Console.Example', firstName: 'New' } }));
    expect(sandbox.state.customers).toHaveLength(1);
    expect(sandbox.state.customers[0]?.firstName).toBeNull();
  });

  it.each([
    [{ email: 'nonsense' }, 'emails'],
    [{}, 'customer.first_name'],
    [{ id: 77 }, 'customer'],
  ])('refuses the customer %j', async (customer, path) => {
    const { api } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations', ticket({ customer }));
    expect([answer.status, errorOf(answer).path]).toEqual([400, path]);
  });

  it('applies createdAt always, and ignores an assignee it does not know', async () => {
    const { api } = await startFreeScoutFixture();
    const createdAt = '2026-05-05T16:00:00+02:00';
    const answer = await api.post('/api/conversations', ticket({ createdAt, assignTo: 99, imported: false }));
    expect(answer.data).toMatchObject({ createdAt: '2026-05-05T14:00:00Z', assignee: null });
  });
});

describe('its threads', () => {
  const note = { type: 'note', text: 'later', user: 1 };
  const opening = { type: 'customer', text: 'first' };

  it('come in newest first', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    await api.post('/api/conversations', ticket({ threads: [note, opening] }));
    expect(sandbox.state.tickets[0]?.threads.map(({ body }) => body)).toEqual(['first', 'later']);
  });

  it('may fail in part without a word', async () => {
    const { api } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations', ticket({ threads: [{ type: 'note', text: 'x' }, opening] }));
    expect(answer.status).toBe(201);
    expect(answer.data._embedded.threads).toHaveLength(1);
  });

  it('take the conversation with them where none can be added', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations', ticket({ threads: [{ type: 'message', text: 'x' }] }));
    expect([answer.status, errorOf(answer).path]).toEqual([400, 'user']);
    expect((await api.post('/api/conversations', ticket({ threads: [] }))).status).toBe(400);
    expect(sandbox.state.tickets).toEqual([]);
  });

  it('decide the status where none is given', async () => {
    const { api } = await startFreeScoutFixture();
    const { status: _, ...unsaid } = ticket();
    expect((await api.post('/api/conversations', unsaid)).data.status).toBe('active');
    const message = { type: 'message', text: 'hello', user: 1 };
    expect((await api.post('/api/conversations', { ...unsaid, threads: [message] })).data.status).toBe('pending');
  });

  it('skip an attachment that is not whole', async () => {
    const { api } = await startFreeScoutFixture();
    const attachments = [
      { fileName: 'a.txt', mimeType: 'text/plain', data: 'aGVsbG8=' },
      { fileName: 'b.txt' },
      { fileName: 'c.txt', mimeType: 'text/plain', fileUrl: 'http://127.0.0.1/c.txt' },
    ];
    const answer = await api.post('/api/conversations', ticket({ threads: [{ ...opening, attachments }] }));
    const kept = answer.data._embedded.threads[0]._embedded.attachments;
    expect(kept).toMatchObject([{ fileName: 'a.txt', size: 5 }]);
  });
});
