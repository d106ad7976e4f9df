import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogLevel, WebClient } from '@slack/web-api';
import axios from 'axios';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type SandboxSlackOptions, startSandboxSlack } from '../../src/sandbox/slack/sandboxSlack.ts';

const TOKEN = 'xoxb-sandbox';

async function startSlack(options: Partial<SandboxSlackOptions> = {}) {
  const sandbox = await startSandboxSlack({ token: TOKEN, userId: 'U1', ...options });
  onTestFinished(() => sandbox.stop());
  const clientWith = (token: string) =>
    new WebClient(token, {
      slackApiUrl: sandbox.apiUrl,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      logLevel: LogLevel.ERROR,
    });
  const page = async () => String((await axios.get(sandbox.url)).data);
  return { sandbox, client: clientWith(TOKEN), clientWith, page };
}

const metadata = { event_type: 'alert', event_payload: { marker: 'AT-1' } };

describe('the Web API, as the real client speaks it', () => {
  it('tells who we are', async () => {
    const { client } = await startSlack();
    expect(await client.auth.test()).toMatchObject({ ok: true, user_id: 'U0SANDBOXBOT' });
  });

  it('opens the direct conversation, and sends to it by either name', async () => {
    const { client, sandbox } = await startSlack();
    const { channel } = await client.conversations.open({ users: 'U1' });
    expect(channel?.id).toBe(sandbox.channelId);
    await client.chat.postMessage({ channel: sandbox.channelId, text: 'one' });
    await client.chat.postMessage({ channel: 'U1', text: 'two' });
    expect(sandbox.state.messages.map(({ text }) => text)).toEqual(['one', 'two']);
  });

  it('keeps threads, blocks and metadata, and finds them again', async () => {
    const { client, sandbox } = await startSlack();
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: '*P1*' } }];
    const { ts } = await client.chat.postMessage({ channel: 'U1', text: 'P1', blocks, metadata });
    await client.chat.postMessage({ channel: 'U1', text: 'resolved', thread_ts: ts ?? '' });
    const channel = sandbox.channelId;
    const history = await client.conversations.history({ channel, include_all_metadata: true });
    expect(history.messages).toMatchObject([{ ts, text: 'P1', blocks, metadata, reply_count: 1 }]);
    const replies = await client.conversations.replies({ channel, ts: ts ?? '' });
    expect(replies.messages?.map(({ text }) => text)).toEqual(['P1', 'resolved']);
    expect(replies.messages?.[0]).not.toHaveProperty('metadata');
  });

  it('rewrites a message in its place', async () => {
    const { client, sandbox } = await startSlack();
    const { ts } = await client.chat.postMessage({ channel: 'U1', text: 'P1', metadata });
    await client.chat.update({ channel: sandbox.channelId, ts: ts ?? '', text: 'P1, ticket 412' });
    expect(sandbox.state.messages).toMatchObject([{ ts, text: 'P1, ticket 412', metadata }]);
    expect(sandbox.state.messages[0]?.edited).not.toBeNull();
  });

  it('pages through the history, newest first, within the times asked for', async () => {
    const { client, sandbox } = await startSlack();
    for (const text of ['a', 'b', 'c']) await client.chat.postMessage({ channel: 'U1', text });
    const channel = sandbox.channelId;
    const first = await client.conversations.history({ channel, limit: 2 });
    expect([first.has_more, first.messages?.map(({ text }) => text)]).toEqual([true, ['c', 'b']]);
    const cursor = first.response_metadata?.next_cursor ?? '';
    expect((await client.conversations.history({ channel, limit: 2, cursor })).messages).toMatchObject([{ text: 'a' }]);
    const oldest = sandbox.state.messages[1]?.ts ?? '';
    expect((await client.conversations.history({ channel, oldest })).messages).toHaveLength(1);
    expect((await client.conversations.history({ channel, oldest, inclusive: true })).messages).toHaveLength(2);
  });

  it('gives every message a time stamp of its own', async () => {
    const { client, sandbox } = await startSlack({ now: () => new Date('2026-05-05T00:00:00Z') });
    await Promise.all(['a', 'b', 'c'].map((text) => client.chat.postMessage({ channel: 'U1', text })));
    expect(new Set(sandbox.state.messages.map(({ ts }) => ts)).size).toBe(3);
    expect(sandbox.state.messages[0]?.ts).toMatch(/^1777939200\.\d{6}$/);
  });

  it('reads JSON as well as forms', async () => {
    const { sandbox } = await startSlack();
    const headers = { Authorization: `Bearer ${TOKEN}` };
    await axios.post(`${sandbox.apiUrl}chat.postMessage`, { channel: 'U1', text: 'in JSON', metadata }, { headers });
    expect(sandbox.state.messages).toMatchObject([{ text: 'in JSON', metadata }]);
  });
});

describe('refusals', () => {
  it.each([
    ['channel_not_found', { channel: 'C404', text: 'x' }],
    ['not_in_channel', { channel: 'C0FOREIGN', text: 'x' }],
    ['no_text', { channel: 'U1', text: '' }],
    ['thread_not_found', { channel: 'U1', text: 'x', thread_ts: '1.000001' }],
  ])('say %s with status 200', async (error, message) => {
    const { client, sandbox } = await startSlack();
    await expect(client.chat.postMessage(message)).rejects.toMatchObject({ data: { ok: false, error } });
    expect(sandbox.state.requests[0]?.status).toBe(200);
    expect(sandbox.state.messages).toEqual([]);
  });

  it('meet a wrong token and an unknown method', async () => {
    const { client, clientWith } = await startSlack();
    await expect(clientWith('xoxb-wrong').auth.test()).rejects.toMatchObject({ data: { error: 'invalid_auth' } });
    await expect(client.apiCall('chat.explode')).rejects.toMatchObject({ data: { error: 'unknown_method' } });
    await expect(client.chat.update({ channel: 'U1', ts: '1.1', text: 'x' })).rejects.toMatchObject({
      data: { error: 'message_not_found' },
    });
  });

  it('come as 429 with the seconds to wait where a fault says so', async () => {
    const { client } = await startSlack({ faults: [{ kind: 'retry_after', retry_after: 30, times: 1 }] });
    await expect(client.auth.test()).rejects.toMatchObject({ retryAfter: 30 });
    expect((await client.auth.test()).ok).toBe(true);
  });

  it('can be a lost answer to a message that was sent', async () => {
    const { client, sandbox } = await startSlack({
      faults: [{ kind: 'reset', when: 'after', path: 'chat.postMessage' }],
    });
    await expect(client.chat.postMessage({ channel: 'U1', text: 'x' })).rejects.toThrow();
    expect(sandbox.state.messages).toHaveLength(1);
  });
});

describe('the page', () => {
  it('shows threads with their links, and escapes what strangers wrote', async () => {
    const { client, page } = await startSlack();
    const text = '*P1* <https://console.example/x?a=1&amp;b=2|Open> <script>alert(1)</script> <javascript:alert(2)|no>';
    const { ts } = await client.chat.postMessage({ channel: 'U1', text });
    await client.chat.postMessage({ channel: 'U1', text: 'The `API` is back', thread_ts: ts ?? '' });
    const html = await page();
    expect(html).toContain('<strong>P1</strong>');
    expect(html).toContain(
      '<a href="https://console.example/x?a=1&amp;b=2" rel="noopener noreferrer nofollow">Open</a>',
    );
    expect(html).toContain('1 reply');
    expect(html).toContain('<code>API</code>');
    expect(html).toContain('&lt;script>alert(1)');
    expect(html).not.toMatch(/<script>|href="javascript/);
  });

  it('shows blocks in place of the text, and leads to no strange address', async () => {
    const { client, page } = await startSlack();
    const button = (url: string) => ({ type: 'button', text: { type: 'plain_text', text: 'Go' }, url });
    const blocks = [
      { type: 'header', text: { type: 'plain_text', text: 'P1: <API> is *DOWN*' } },
      { type: 'section', fields: [{ type: 'mrkdwn', text: '*Since*\n14:32' }] },
      { type: 'actions', elements: [button('https://a.example'), button('javascript:x')] },
    ];
    await client.chat.postMessage({ channel: 'U1', text: 'fallback', blocks } as never);
    const html = await page();
    expect(html).toContain('<h2>P1: &lt;API> is *DOWN*</h2>');
    expect(html).toContain('<strong>Since</strong><br/>14:32');
    expect(html).toContain('href="https://a.example"');
    expect(html).not.toMatch(/fallback|href="javascript/);
  });

  it('shows the same after a restart', async () => {
    const path = await mkdtemp(join(tmpdir(), 'sandbox-'));
    onTestFinished(() => rm(path, { recursive: true }));
    const store = join(path, 'slack.json');
    const first = await startSlack({ store });
    await first.client.chat.postMessage({ channel: 'U1', text: 'kept' });
    await first.sandbox.stop();
    expect(await (await startSlack({ store })).page()).toContain('kept');
  });
});
