import { describe, expect, it } from 'vitest';
import { type FreeScoutFixture, startFreeScoutFixture } from './freescoutFixture.ts';

const page = async ({ bare }: FreeScoutFixture, path: string) => String((await bare.get(path)).data);
const FORM = { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
const act = ({ bare }: FreeScoutFixture, id: number, action: string, body = '') =>
  bare.post(`/conversation/${id}/${action}`, body, FORM);

describe('the page of a conversation', () => {
  it('shows subject, status, tags and threads', async () => {
    const desk = await startFreeScoutFixture();
    const id = await desk.file();
    await desk.api.put(`/api/conversations/${id}/tags`, { tags: ['auto:status'] });
    const html = await page(desk, `/conversation/${id}?folder_id=9`);
    expect(html).toContain('<h1>[AT-0123456789] DOWN: API</h1>');
    expect(html).toContain('<p>It is down.</p>');
    expect(html).toContain('<span class="badge tag">auto:status</span>');
    expect(html).toMatch(/<span class="badge good">active<\/span>/);
  });

  it('escapes what strangers wrote, wherever it stands', async () => {
    const desk = await startFreeScoutFixture();
    const evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>';
    const id = await desk.file({
      subject: evil,
      customer: { email: 'a@b', firstName: evil },
      threads: [{ type: 'customer', text: evil }],
    });
    await desk.api.put(`/api/conversations/${id}/tags`, { tags: [evil] });
    for (const path of [`/conversation/${id}`, '/', `/?tag=${encodeURIComponent(evil)}`]) {
      const html = await page(desk, path);
      expect(html).not.toMatch(/<script>|<img/);
      expect(html).toContain('&lt;script');
    }
  });

  it('carries headers that keep scripts and other sites out', async () => {
    const { bare } = await startFreeScoutFixture();
    const { headers } = await bare.get('/');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('has no inline style or script that such headers would stop', async () => {
    const desk = await startFreeScoutFixture();
    for (const path of [`/conversation/${await desk.file()}`, '/', '/__control']) {
      expect(await page(desk, path)).not.toMatch(
        / style=|<style|<script(?! src="\/assets\/pageUpdates.js")| on[a-z]+="/,
      );
    }
  });

  it.each([
    ['status', 'status=closed', { status: 'closed', closedById: 1 }],
    ['status', 'status=spam', { status: 'spam' }],
    ['trash', '', { state: 'deleted' }],
    ['move', 'mailbox=1', { mailboxId: 1 }],
    ['assign', 'user=2', { assigneeId: 2 }],
    ['add-tag', 'tag=Mine', { tags: ['mine'] }],
    ['subject', 'subject=Changed+by+hand', { subject: 'Changed by hand' }],
  ])('does %s %s at the press of a button', async (action, body, expected) => {
    const desk = await startFreeScoutFixture();
    const answer = await act(desk, await desk.file(), action, body);
    expect([answer.status, answer.headers.location]).toEqual([303, '/conversation/1']);
    expect(desk.sandbox.state.tickets[0]).toMatchObject(expected);
  });

  it('restores from the trash, and deletes for ever from there', async () => {
    const desk = await startFreeScoutFixture();
    const id = await desk.file();
    await act(desk, id, 'trash');
    expect(await page(desk, `/conversation/${id}`)).toContain('Delete for ever');
    await act(desk, id, 'restore');
    expect(desk.sandbox.state.tickets[0]?.state).toBe('published');
    expect((await act(desk, id, 'delete')).headers.location).toBe('/');
    expect((await desk.bare.get(`/conversation/${id}`)).status).toBe(404);
  });

  it('adds a note, and keeps other tags when one is taken off', async () => {
    const desk = await startFreeScoutFixture();
    const id = await desk.file();
    await act(desk, id, 'note', 'text=Looking+at+it');
    for (const tag of ['one', 'two']) await act(desk, id, 'add-tag', `tag=${tag}`);
    await act(desk, id, 'remove-tag', 'tag=one');
    expect(await page(desk, `/conversation/${id}`)).toContain('Looking at it');
    expect(desk.sandbox.state.tickets[0]?.tags).toEqual(['two']);
  });

  it('says in a sentence what was not possible', async () => {
    const desk = await startFreeScoutFixture();
    const answer = await act(desk, await desk.file(), 'note', 'text=');
    expect([answer.status, String(answer.data)]).toEqual([400, expect.stringContaining('Write something first.')]);
  });

  it('stays usable while the interface is broken', async () => {
    const desk = await startFreeScoutFixture();
    const id = await desk.file();
    desk.sandbox.control.faults.add({ kind: 'hang' });
    expect((await desk.bare.get(`/conversation/${id}`)).status).toBe(200);
  });
});

describe('the list', () => {
  it('shows one mailbox, the operations one first, and only what is open', async () => {
    const desk = await startFreeScoutFixture();
    await desk.file({ subject: 'Operations ticket' });
    await desk.file({ subject: 'Closed ticket', status: 'closed' });
    await desk.file({ subject: 'Support ticket', mailboxId: 1 });
    const html = await page(desk, '/');
    expect(html).toContain('Operations ticket');
    expect(html).not.toMatch(/Closed ticket|Support ticket/);
    expect(await page(desk, '/?mailbox=1')).toContain('Support ticket');
    expect(await page(desk, '/?folder=closed')).toContain('Closed ticket');
  });

  it('filters by tag', async () => {
    const desk = await startFreeScoutFixture();
    await desk.api.put(`/api/conversations/${await desk.file({ subject: 'Tagged' })}/tags`, { tags: ['auto:status'] });
    await desk.file({ subject: 'Plain' });
    const html = await page(desk, '/?tag=auto:status');
    expect(html).toContain('Tagged');
    expect(html).not.toContain('Plain');
  });

  it('answers in the page where there is no such thing', async () => {
    const { bare } = await startFreeScoutFixture();
    expect((await bare.get('/?mailbox=9')).status).toBe(404);
    expect((await bare.get('/?folder=constructor')).status).toBe(200);
    expect((await bare.get('/assets/secrets.json')).status).toBe(404);
  });
});
