import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startFreeScoutFixture } from './freescoutFixture.ts';

interface Received {
  event: unknown;
  signature: unknown;
  body: string;
}

/** Accepts webhooks; the first ones get the statuses in `failures`. */
async function receiver(failures: number[] = []) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { 'x-freescout-event': event, 'x-freescout-signature': signature } = request.headers;
    received.push({ event, signature, body: Buffer.concat(chunks).toString() });
    response.writeHead(failures.shift() ?? 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => void server.close(() => resolve(undefined))));
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

describe('webhooks', () => {
  it('a webhook contains the conversation, with a signature over exactly the bytes sent', async () => {
    const { sandbox, file } = await startFreeScoutFixture();
    const { received, url } = await receiver();
    sandbox.control.webhook(url);
    await file({ subject: 'Größe 1/2' });
    await sandbox.control.webhooksSettled();
    const [{ body, signature } = { body: '', signature: '' }] = received.filter(
      ({ event }) => event === 'convo.created',
    );
    expect(signature).toBe(createHmac('sha1', sandbox.webhookSecret).update(body).digest('base64'));
    expect(body).toContain('Gr\\u00f6\\u00dfe 1\\/2');
    expect(JSON.parse(body)).toMatchObject({ id: 1, subject: 'Größe 1/2', threadsCount: 0 });
    expect(JSON.parse(body)._embedded.threads).toHaveLength(1);
  });

  it.each([
    ['status', { status: 'closed' }, 'convo.status'],
    ['assign', { user: 2 }, 'convo.assigned'],
    ['move', { mailbox: 1 }, 'convo.moved'],
    ['trash', {}, 'convo.deleted'],
    ['delete', {}, 'convo.deleted_forever'],
    ['note', { text: 'seen' }, 'convo.note.created'],
    ['reply', { text: 'thanks' }, 'convo.customer.reply.created'],
  ])('the action %s sends a webhook', async (action, fields, event) => {
    const { sandbox, file } = await startFreeScoutFixture();
    const id = await file();
    const { received, url } = await receiver();
    sandbox.control.webhook(url);
    sandbox.control.act(id, action, fields);
    await sandbox.control.webhooksSettled();
    expect(received.map((delivery) => delivery.event)).toEqual([event]);
  });

  it('changing tags or removing the assignee sends no webhook', async () => {
    const { sandbox, file, api } = await startFreeScoutFixture();
    const id = await file({ assignTo: 1 });
    const { received, url } = await receiver();
    sandbox.control.webhook(url);
    await api.put(`/api/conversations/${id}/tags`, { tags: ['a'] });
    sandbox.control.act(id, 'assign', { user: '' });
    await sandbox.control.webhooksSettled();
    expect(received).toEqual([]);
  });

  it('a failed webhook is retried with the original snapshot', async () => {
    const { sandbox, file } = await startFreeScoutFixture({ webhookRoundMs: 1 });
    const id = await file();
    const { received, url } = await receiver([500]);
    sandbox.control.webhook(url);
    sandbox.control.act(id, 'status', { status: 'closed' });
    await expect.poll(() => received.length).toBe(2);
    expect(received[1]).toEqual(received[0]);
    await expect.poll(() => sandbox.state.deliveries[0]).toMatchObject({ attempts: 2, delivered: true });
  });

  it('a webhook is registered over the API with its known events', async () => {
    const { api } = await startFreeScoutFixture();
    const answer = await api.post('/api/webhooks', {
      url: 'http://127.0.0.1:9/x',
      events: ['convo.status', 'convo.updated'],
    });
    expect([answer.status, answer.data.events]).toEqual([201, ['convo.status']]);
    expect((await api.post('/api/webhooks', { url: 'http://127.0.0.1:9/x', events: ['nothing'] })).status).toBe(400);
    expect((await api.post('/api/webhooks', { url: 'http://192.0.2.1/x', events: ['convo.status'] })).status).toBe(400);
    expect((await api.delete(`/api/webhooks/${answer.headers['resource-id']}`)).status).toBe(204);
    expect((await api.get('/api/webhooks')).data._embedded.webhooks).toEqual([]);
  });

  it('each thread of a conversation that has only notes sends convo.created', async () => {
    const { sandbox, file } = await startFreeScoutFixture();
    const id = await file({ threads: [{ type: 'note', text: 'x', user: 1 }] });
    const { received, url } = await receiver();
    sandbox.control.webhook(url);
    sandbox.control.act(id, 'note', { text: 'seen' });
    await sandbox.control.webhooksSettled();
    expect(received.map(({ event }) => event)).toEqual(['convo.created']);
  });
});
