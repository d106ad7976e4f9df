import { describe, expect, it } from 'vitest';
import { errorOf, startFreeScoutFixture, ticket } from './freescoutFixture.ts';

describe('creating a conversation', () => {
  it('creating a conversation returns 201 with its id in a header and its threads in the body', async () => {
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

  it('dates are UTC in whole seconds', async () => {
    const { api } = await startFreeScoutFixture({ now: () => new Date('2026-05-05T14:32:17.987Z') });
    expect((await api.post('/api/conversations', ticket())).data.createdAt).toBe('2026-05-05T14:32:17Z');
  });

  it.each(['subject', 'type', 'mailboxId', 'customer', 'threads'])('a conversation requires %s', async (name) => {
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
  ])('%s counts as an empty body, and the missing subject is reported first', async (_, type, body) => {
    const { api } = await startFreeScoutFixture();
    const headers = { 'Content-Type': type };
    const answer = await api.post('/api/conversations', body, { headers, transformRequest: (data: string) => data });
    expect(answer.status).toBe(400);
    expect(errorOf(answer).path).toBe('subject');
  });

  it('the customer is created even if the mailbox is unknown', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations', ticket({ mailboxId: 99 }));
    expect(answer.status).toBe(400);
    expect(errorOf(answer).path).toBe('mailboxId');
    expect(sandbox.state.customers.map(({ emails }) => emails)).toEqual([['bot@console.example']]);
    expect(sandbox.state.tickets).toEqual([]);
  });

  it('the customer is created even if a date is invalid', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations', ticket({ createdAt: 'yesterday-ish' }));
    expect(answer.status).toBe(500);
    expect(answer.data).toEqual({ message: 'Server Error' });
    expect(sandbox.state.customers).toHaveLength(1);
  });

  it.each(['Closed', 'resolved', 'ACTIVE'])('the status %s counts as active', async (status) => {
    const { api } = await startFreeScoutFixture();
    expect((await api.post('/api/conversations', ticket({ status }))).data.status).toBe('active');
  });

  it('an unknown type counts as email', async () => {
    const { api } = await startFreeScoutFixture();
    expect((await api.post('/api/conversations', ticket({ type: 'alarm' }))).data.type).toBe('email');
  });

  it('tags and unknown keys are ignored at creation', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations', ticket({ tags: ['auto:alert'], severity: 'P1' }));
    expect(answer.status).toBe(201);
    expect(sandbox.state.tickets[0]?.tags).toEqual([]);
  });

  it('strings are trimmed, empty ones are null, and the subject is cut to 998 characters', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    const customer = { email: ' bot@console.example ', firstName: '' };
    const answer = await api.post('/api/conversations', ticket({ subject: `  ${'é'.repeat(1500)}  `, customer }));
    expect(answer.data.subject).toBe('é'.repeat(998));
    expect(sandbox.state.customers[0]).toMatchObject({ emails: ['bot@console.example'], firstName: null });
  });

  it('an empty subject is accepted because only its presence is checked', async () => {
    const { api } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations', ticket({ subject: '' }));
    expect([answer.status, answer.data.subject]).toEqual([201, '']);
  });

  it('the e-mail address of a customer is matched without regard to case', async () => {
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
  ])('the customer %j is rejected', async (customer, path) => {
    const { api } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations', ticket({ customer }));
    expect([answer.status, errorOf(answer).path]).toEqual([400, path]);
  });

  it('createdAt is always applied, and an unknown assignee is ignored', async () => {
    const { api } = await startFreeScoutFixture();
    const createdAt = '2026-05-05T16:00:00+02:00';
    const answer = await api.post('/api/conversations', ticket({ createdAt, assignTo: 99, imported: false }));
    expect(answer.data).toMatchObject({ createdAt: '2026-05-05T14:00:00Z', assignee: null });
  });
});

describe('the threads of a new conversation', () => {
  const note = { type: 'note', text: 'later', user: 1 };
  const opening = { type: 'customer', text: 'first' };

  it('the threads of a new conversation are given newest first', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    await api.post('/api/conversations', ticket({ threads: [note, opening] }));
    expect(sandbox.state.tickets[0]?.threads.map(({ body }) => body)).toEqual(['first', 'later']);
  });

  it('a thread that is invalid is dropped without an error when another one is valid', async () => {
    const { api } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations', ticket({ threads: [{ type: 'note', text: 'x' }, opening] }));
    expect(answer.status).toBe(201);
    expect(answer.data._embedded.threads).toHaveLength(1);
  });

  it('the conversation is not created when none of its threads is valid', async () => {
    const { api, sandbox } = await startFreeScoutFixture();
    const answer = await api.post('/api/conversations', ticket({ threads: [{ type: 'message', text: 'x' }] }));
    expect([answer.status, errorOf(answer).path]).toEqual([400, 'user']);
    expect((await api.post('/api/conversations', ticket({ threads: [] }))).status).toBe(400);
    expect(sandbox.state.tickets).toEqual([]);
  });

  it('the threads determine the status when none is given', async () => {
    const { api } = await startFreeScoutFixture();
    const { status: _, ...unsaid } = ticket();
    expect((await api.post('/api/conversations', unsaid)).data.status).toBe('active');
    const message = { type: 'message', text: 'hello', user: 1 };
    expect((await api.post('/api/conversations', { ...unsaid, threads: [message] })).data.status).toBe('pending');
  });

  it('an incomplete attachment is skipped', async () => {
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
