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

describe('the Web API of the sandbox Slack, called by the real client', () => {
  it('auth.test returns the identity of the bot', async () => {
    const { client } = await startSlack();
    expect(await client.auth.test()).toMatchObject({ ok: true, user_id: 'U0SANDBOXBOT' });
  });

  it('a direct message can be sent to the channel id and to the user id', async () => {
    const { client, sandbox } = await startSlack();
    const { channel } = await client.conversations.open({ users: 'U1' });
    expect(channel?.id).toBe(sandbox.channelId);
    await client.chat.postMessage({ channel: sandbox.channelId, text: 'one' });
    await client.chat.postMessage({ channel: 'U1', text: 'two' });
    expect(sandbox.state.messages.map(({ text }) => text)).toEqual(['one', 'two']);
  });

  it('channels and other people have conversations of their own', async () => {
    const { client, page } = await startSlack();
    await client.chat.postMessage({ channel: 'C0INCIDENTS', text: 'for the channel' });
    const { channel } = await client.conversations.open({ users: 'U0ONCALL' });
    await client.chat.postMessage({ channel: channel?.id ?? '', text: 'for the person on call' });
    const history = await client.conversations.history({ channel: 'C0INCIDENTS' });
    expect(history.messages?.map(({ text }) => text)).toEqual(['for the channel']);
    expect(await client.conversations.info({ channel: 'C0FOREIGN' })).toMatchObject({ channel: { is_member: false } });
    expect(await page()).toContain('in #incidents');
  });

  it('history and replies return threads, blocks and metadata', async () => {
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

  it.each([
    ['more than 50 blocks', Array.from({ length: 51 }, () => ({ type: 'divider' }))],
    [
      'a section of more than 3,000 characters',
      [{ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(3_001) } }],
    ],
    ['a field of more than 2,000', [{ type: 'section', fields: [{ type: 'mrkdwn', text: 'x'.repeat(2_001) }] }]],
    ['more than ten fields', [{ type: 'section', fields: Array(11).fill({ type: 'mrkdwn', text: 'x' }) }]],
    ['a header of more than 150', [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }]],
  ])('refuses a message with %s', async (_, blocks) => {
    const { client, sandbox } = await startSlack();
    await expect(client.chat.postMessage({ channel: 'U1', text: 'P1', blocks })).rejects.toMatchObject({
      data: { error: 'invalid_blocks' },
    });
    expect(sandbox.state.messages).toEqual([]);
  });

  it('refuses a message whose blocks have more than 13,200 characters together', async () => {
    const { client, sandbox } = await startSlack();
    const section = (length: number) => ({ type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(length) } });
    const fields = { type: 'section', fields: Array(2).fill({ type: 'mrkdwn', text: 'x'.repeat(2_000) }) };
    const post = (last: number) =>
      client.chat.postMessage({
        channel: 'U1',
        text: 'P1',
        blocks: [section(3_000), section(3_000), fields, section(3_000), section(last)],
      });
    await expect(post(201)).rejects.toMatchObject({ data: { error: 'msg_blocks_too_long' } });
    expect(sandbox.state.messages).toEqual([]);
    await post(200);
    expect(sandbox.state.messages).toHaveLength(1);
  });

  it('chat.update changes a message without changing its timestamp', async () => {
    const { client, sandbox } = await startSlack();
    const { ts } = await client.chat.postMessage({ channel: 'U1', text: 'P1', metadata });
    await client.chat.update({ channel: sandbox.channelId, ts: ts ?? '', text: 'P1, ticket 412' });
    expect(sandbox.state.messages).toMatchObject([{ ts, text: 'P1, ticket 412', metadata }]);
    expect(sandbox.state.messages[0]?.edited).not.toBeNull();
  });

  it('chat.update refuses a text of more than 4,000 bytes', async () => {
    const { client, sandbox } = await startSlack();
    const { ts } = await client.chat.postMessage({ channel: 'U1', text: 'é'.repeat(2_001) });
    const edit = (text: string) => client.chat.update({ channel: sandbox.channelId, ts: ts ?? '', text });
    await expect(edit('é'.repeat(2_001))).rejects.toThrow('msg_too_long');
    await edit('é'.repeat(2_000));
  });

  it('the history is paged, newest first, and limited by oldest and latest', async () => {
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

  it('every message has a different timestamp', async () => {
    const { client, sandbox } = await startSlack({ now: () => new Date('2026-05-05T00:00:00Z') });
    await Promise.all(['a', 'b', 'c'].map((text) => client.chat.postMessage({ channel: 'U1', text })));
    expect(new Set(sandbox.state.messages.map(({ ts }) => ts)).size).toBe(3);
    expect(sandbox.state.messages[0]?.ts).toMatch(/^1777939200\.\d{6}$/);
  });

  it('a method accepts JSON and forms', async () => {
    const { sandbox } = await startSlack();
    const headers = { Authorization: `Bearer ${TOKEN}` };
    await axios.post(`${sandbox.apiUrl}chat.postMessage`, { channel: 'U1', text: 'in JSON', metadata }, { headers });
    expect(sandbox.state.messages).toMatchObject([{ text: 'in JSON', metadata }]);
  });
});

describe('errors of the sandbox Slack', () => {
  it.each([
    ['channel_not_found', { channel: 'C404', text: 'x' }],
    ['not_in_channel', { channel: 'C0FOREIGN', text: 'x' }],
    ['no_text', { channel: 'U1', text: '' }],
    ['thread_not_found', { channel: 'U1', text: 'x', thread_ts: '1.000001' }],
  ])('the error %s is sent with status 200', async (error, message) => {
    const { client, sandbox } = await startSlack();
    await expect(client.chat.postMessage(message)).rejects.toMatchObject({ data: { ok: false, error } });
    expect(sandbox.state.requests[0]?.status).toBe(200);
    expect(sandbox.state.messages).toEqual([]);
  });

  it('a wrong token and an unknown method are rejected', async () => {
    const { client, clientWith } = await startSlack();
    await expect(clientWith('xoxb-wrong').auth.test()).rejects.toMatchObject({ data: { error: 'invalid_auth' } });
    await expect(client.apiCall('chat.explode')).rejects.toMatchObject({ data: { error: 'unknown_method' } });
    await expect(client.chat.update({ channel: 'U1', ts: '1.1', text: 'x' })).rejects.toMatchObject({
      data: { error: 'message_not_found' },
    });
  });

  it('the fault retry_after responds with 429 and the seconds to wait', async () => {
    const { client } = await startSlack({ faults: [{ kind: 'retry_after', retry_after: 30, times: 1 }] });
    await expect(client.auth.test()).rejects.toMatchObject({ retryAfter: 30 });
    expect((await client.auth.test()).ok).toBe(true);
  });

  it('a reset after processing loses the response to a message that was sent', async () => {
    const { client, sandbox } = await startSlack({
      faults: [{ kind: 'reset', when: 'after', path: 'chat.postMessage' }],
    });
    await expect(client.chat.postMessage({ channel: 'U1', text: 'x' })).rejects.toThrow();
    expect(sandbox.state.messages).toHaveLength(1);
  });
});

describe('the page of the sandbox Slack', () => {
  it('the page shows threads with their links and escapes foreign text', async () => {
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

  it('the page shows blocks instead of the text and links only to http, https and mail addresses', async () => {
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

  it('the page shows the same messages after a restart', async () => {
    const path = await mkdtemp(join(tmpdir(), 'sandbox-'));
    onTestFinished(() => rm(path, { recursive: true }));
    const store = join(path, 'slack.json');
    const first = await startSlack({ store });
    await first.client.chat.postMessage({ channel: 'U1', text: 'kept' });
    await first.sandbox.stop();
    expect(await (await startSlack({ store })).page()).toContain('kept');
  });
});
