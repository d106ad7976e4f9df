import { describe, expect, it } from 'vitest';
import { type FreeScoutFixture, startFreeScoutFixture } from './freescoutFixture.ts';

const page = async ({ bare }: FreeScoutFixture, path: string) => String((await bare.get(path)).data);
const FORM = { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
const act = ({ bare }: FreeScoutFixture, id: number, action: string, body = '') =>
  bare.post(`/conversation/${id}/${action}`, body, FORM);

describe('the page of a conversation', () => {
  it('the page of a conversation shows its subject, status, tags and threads', async () => {
    const fixture = await startFreeScoutFixture();
    const id = await fixture.file();
    await fixture.api.put(`/api/conversations/${id}/tags`, { tags: ['auto:status'] });
    const html = await page(fixture, `/conversation/${id}?folder_id=9`);
    expect(html).toContain('<h1>[AT-0123456789] DOWN: API</h1>');
    expect(html).toContain('<p>It is down.</p>');
    expect(html).toContain('<span class="badge tag">auto:status</span>');
    expect(html).toMatch(/<span class="badge good">active<\/span>/);
  });

  it('the page of a conversation escapes foreign text everywhere', async () => {
    const fixture = await startFreeScoutFixture();
    const evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>';
    const id = await fixture.file({
      subject: evil,
      customer: { email: 'a@b', firstName: evil },
      threads: [{ type: 'customer', text: evil }],
    });
    await fixture.api.put(`/api/conversations/${id}/tags`, { tags: [evil] });
    for (const path of [`/conversation/${id}`, '/', `/?tag=${encodeURIComponent(evil)}`]) {
      const html = await page(fixture, path);
      expect(html).not.toMatch(/<script>|<img/);
      expect(html).toContain('&lt;script');
    }
  });

  it('the page has headers that block foreign scripts and other sites', async () => {
    const { bare } = await startFreeScoutFixture();
    const { headers } = await bare.get('/');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('the page has no inline style or script, which its headers would block', async () => {
    const fixture = await startFreeScoutFixture();
    for (const path of [`/conversation/${await fixture.file()}`, '/', '/__control']) {
      expect(await page(fixture, path)).not.toMatch(
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
  ])('the button for %s with %s changes the conversation', async (action, body, expected) => {
    const fixture = await startFreeScoutFixture();
    const answer = await act(fixture, await fixture.file(), action, body);
    expect([answer.status, answer.headers.location]).toEqual([303, '/conversation/1']);
    expect(fixture.sandbox.state.tickets[0]).toMatchObject(expected);
  });

  it('a conversation in the trash can be restored or permanently deleted', async () => {
    const fixture = await startFreeScoutFixture();
    const id = await fixture.file();
    await act(fixture, id, 'trash');
    expect(await page(fixture, `/conversation/${id}`)).toContain('Delete permanently');
    await act(fixture, id, 'restore');
    expect(fixture.sandbox.state.tickets[0]?.state).toBe('published');
    expect((await act(fixture, id, 'delete')).headers.location).toBe('/');
    expect((await fixture.bare.get(`/conversation/${id}`)).status).toBe(404);
  });

  it('a note can be added, and removing a tag keeps the other tags', async () => {
    const fixture = await startFreeScoutFixture();
    const id = await fixture.file();
    await act(fixture, id, 'note', 'text=Looking+at+it');
    for (const tag of ['one', 'two']) await act(fixture, id, 'add-tag', `tag=${tag}`);
    await act(fixture, id, 'remove-tag', 'tag=one');
    expect(await page(fixture, `/conversation/${id}`)).toContain('Looking at it');
    expect(fixture.sandbox.state.tickets[0]?.tags).toEqual(['two']);
  });

  it('a rejected action is explained on a page', async () => {
    const fixture = await startFreeScoutFixture();
    const answer = await act(fixture, await fixture.file(), 'note', 'text=');
    expect([answer.status, String(answer.data)]).toEqual([400, expect.stringContaining('Enter a text.')]);
  });

  it('the pages work while the API has a fault', async () => {
    const fixture = await startFreeScoutFixture();
    const id = await fixture.file();
    fixture.sandbox.control.faults.add({ kind: 'hang' });
    expect((await fixture.bare.get(`/conversation/${id}`)).status).toBe(200);
  });
});

describe('the list of conversations', () => {
  it('the list shows the open conversations of one mailbox, by default the operations mailbox', async () => {
    const fixture = await startFreeScoutFixture();
    await fixture.file({ subject: 'Operations ticket' });
    await fixture.file({ subject: 'Closed ticket', status: 'closed' });
    await fixture.file({ subject: 'Support ticket', mailboxId: 1 });
    const html = await page(fixture, '/');
    expect(html).toContain('Operations ticket');
    expect(html).not.toMatch(/Closed ticket|Support ticket/);
    expect(await page(fixture, '/?mailbox=1')).toContain('Support ticket');
    expect(await page(fixture, '/?folder=closed')).toContain('Closed ticket');
  });

  it('the list can be filtered by tag', async () => {
    const fixture = await startFreeScoutFixture();
    await fixture.api.put(`/api/conversations/${await fixture.file({ subject: 'Tagged' })}/tags`, {
      tags: ['auto:status'],
    });
    await fixture.file({ subject: 'Plain' });
    const html = await page(fixture, '/?tag=auto:status');
    expect(html).toContain('Tagged');
    expect(html).not.toContain('Plain');
  });

  it('an unknown conversation or mailbox is a 404 page', async () => {
    const { bare } = await startFreeScoutFixture();
    expect((await bare.get('/?mailbox=9')).status).toBe(404);
    expect((await bare.get('/?folder=constructor')).status).toBe(200);
    expect((await bare.get('/assets/secrets.json')).status).toBe(404);
  });
});
