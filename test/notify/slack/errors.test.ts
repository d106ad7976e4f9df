import type { AddressInfo } from 'node:net';
import net from 'node:net';
import nock from 'nock';
import { afterEach, describe, expect, it } from 'vitest';
import { slackWith } from '../../support/slack.ts';

const message = { headline: 'P1: API is DOWN', facts: [], links: [] };
const replyTo = { channel: 'D1', ts: '1.0' };
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that runs `act` on each connection when the first bytes of the request arrive. */
async function server(act: (socket: net.Socket) => void): Promise<string> {
  const listening = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => act(socket));
    closers.push(() => socket.destroy());
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  closers.push(() => listening.close());
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}/api/`;
}

const post = () => nock('https://slack.com').post('/api/chat.postMessage');
const send = (with_ = slackWith()) => with_.messenger.send(message, 'DM-1', { replyTo });

describe.each([
  { code: 'invalid_auth', retryable: false, inDoubt: false },
  { code: 'account_inactive', retryable: false, inDoubt: false },
  { code: 'channel_not_found', retryable: false, inDoubt: false },
  { code: 'user_not_found', retryable: false, inDoubt: false },
  { code: 'ratelimited', retryable: true, inDoubt: false },
  { code: 'fatal_error', retryable: true, inDoubt: true },
  { code: 'internal_error', retryable: true, inDoubt: true },
])('the answer $code', ({ code, retryable, inDoubt }) => {
  it(`is ${retryable ? '' : 'not '}worth another try and ${inDoubt ? '' : 'not '}in doubt`, async () => {
    post().reply(200, { ok: false, error: code });
    await expect(send()).rejects.toMatchObject({ name: 'MessageError', code, retryable, inDoubt });
  });
});

describe.each([
  { status: 500, body: 'oops', code: 'http_500', retryable: true, inDoubt: true },
  { status: 503, body: '', code: 'http_503', retryable: true, inDoubt: true },
  { status: 404, body: '{"message":"no route"}', code: 'http_404', retryable: true, inDoubt: true },
  { status: 302, body: '', code: 'http_302', retryable: true, inDoubt: false },
  { status: 401, body: 'no', code: 'http_401', retryable: true, inDoubt: false },
  { status: 403, body: '<html>blocked</html>', code: 'http_403', retryable: true, inDoubt: false },
  { status: 407, body: '', code: 'http_407', retryable: true, inDoubt: false },
  { status: 403, body: '{"ok":false,"error":"invalid_auth"}', code: 'invalid_auth', retryable: false, inDoubt: false },
  { status: 503, body: '{"ok":false,"error":"invalid_auth"}', code: 'http_503', retryable: true, inDoubt: true },
  { status: 200, body: 'blocked', code: 'unreadable_answer', retryable: true, inDoubt: true },
  { status: 200, body: '{"error":"blocked"}', code: 'unreadable_answer', retryable: true, inDoubt: true },
  { status: 200, body: '<html>hello</html>', code: 'unreadable_answer', retryable: true, inDoubt: true },
  { status: 200, body: 'null', code: 'unreadable_answer', retryable: true, inDoubt: true },
  { status: 200, body: '{"ok":true}', code: 'unreadable_answer', retryable: true, inDoubt: true },
  {
    status: 200,
    body: '{"ok":true,"ts":{"a":1},"channel":"D1"}',
    code: 'unreadable_answer',
    retryable: true,
    inDoubt: true,
  },
])('HTTP $status with body "$body"', ({ status, body, code, retryable, inDoubt }) => {
  it(`means ${code}`, async () => {
    post().reply(status, body);
    await expect(send()).rejects.toMatchObject({ code, retryable, inDoubt });
  });
});

describe('a rate limit', () => {
  it('says how long to wait, and nothing was sent', async () => {
    post().reply(429, '', { 'retry-after': '30' });
    await expect(send()).rejects.toMatchObject({
      code: 'ratelimited',
      retryable: true,
      inDoubt: false,
      retryAfterMs: 30_000,
    });
  });

  it("with a date is compared with Slack's clock, and ends after at most an hour", async () => {
    post().reply(429, '', { 'retry-after': 'Tue, 05 May 2026 14:00:30 GMT', date: 'Tue, 05 May 2026 14:00:00 GMT' });
    await expect(send()).rejects.toMatchObject({ code: 'ratelimited', retryAfterMs: 30_000 });
  });

  it('is recognised without a time to wait', async () => {
    post().reply(429, '');
    await expect(send()).rejects.toMatchObject({
      code: 'ratelimited',
      retryable: true,
      inDoubt: false,
      retryAfterMs: undefined,
    });
  });
});

describe('an answer', () => {
  it('with a name of three hundred thousand letters is processed quickly', async () => {
    const odd = { ok: true, channel: 'D1', ts: '1.000001', ['9'.repeat(300_000)]: 1 };
    post().reply(200, odd);
    await expect(send()).resolves.toEqual({ channel: 'D1', ts: '1.000001' });
  }, 20_000);

  it('that never ends is cut off, and the call is in doubt', async () => {
    let sent = 0;
    const apiUrl = await server((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{"ok":true,"more":"');
      const more = () => {
        for (let room = true; room && socket.writable; sent += 65_536) room = socket.write('x'.repeat(65_536));
      };
      socket.on('drain', more).on('error', () => undefined);
      more();
    });
    await expect(send(slackWith({ apiUrl }, { timeoutMs: 30_000 }))).rejects.toMatchObject({ inDoubt: true });
    expect(sent).toBeLessThan(100 * 1024 * 1024);
  });
});

describe('a redirect', () => {
  it('is not followed, so that the token is not sent elsewhere', async () => {
    post().reply(302, '', { location: 'https://elsewhere.example/api/chat.postMessage' });
    await expect(send()).rejects.toMatchObject({ code: 'http_302', retryable: true, inDoubt: false });
  });
});

describe('on the network', () => {
  it('a refused connection has certainly sent nothing', async () => {
    const gone = await server(() => {});
    for (const close of closers.splice(0)) close();
    await expect(send(slackWith({ apiUrl: gone }))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      retryable: true,
      inDoubt: false,
    });
  });

  it('a reset after the request leaves the call in doubt', async () => {
    const apiUrl = await server((socket) => socket.resetAndDestroy());
    await expect(send(slackWith({ apiUrl }))).rejects.toMatchObject({ retryable: true, inDoubt: true });
  });

  it('a missing answer leaves the call in doubt', async () => {
    const apiUrl = await server(() => {});
    await expect(send(slackWith({ apiUrl }, { timeoutMs: 100 }))).rejects.toMatchObject({
      code: 'timeout',
      retryable: true,
      inDoubt: true,
    });
  });

  it('an incomplete body leaves the call in doubt', async () => {
    const apiUrl = await server((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"ok":tr'));
    await expect(send(slackWith({ apiUrl }, { timeoutMs: 100 }))).rejects.toMatchObject({
      retryable: true,
      inDoubt: true,
    });
  });

  it('a cancellation after the request leaves the call in doubt', async () => {
    const stop = new AbortController();
    const apiUrl = await server(() => stop.abort());
    const { messenger } = slackWith({ apiUrl });
    const sending = messenger.send(message, 'DM-1', { replyTo, signal: stop.signal });
    await expect(sending).rejects.toMatchObject({ code: 'aborted', retryable: true, inDoubt: true });
  });

  it('a cancellation before the request sends nothing', async () => {
    const { messenger } = slackWith();
    const sending = messenger.send(message, 'DM-1', { replyTo, signal: AbortSignal.abort() });
    await expect(sending).rejects.toMatchObject({ retryable: true, inDoubt: false });
  });

  it('an answer in place of Slack leaves a message that is looked up in doubt, and worth another try', async () => {
    nock('https://slack.com').post('/api/conversations.replies').reply(403, '<html>blocked</html>');
    const between = { since: new Date(), until: new Date() };
    await expect(slackWith().messenger.findByMarker('DM-1', between, { replyTo })).rejects.toMatchObject({
      code: 'http_403',
      retryable: true,
      inDoubt: true,
    });
  });

  it('opening the conversation never leaves a message in doubt', async () => {
    nock('https://slack.com').post('/api/conversations.open').reply(500, 'oops');
    const sending = slackWith().messenger.send(message, 'DM-1');
    await expect(sending).rejects.toMatchObject({ code: 'http_500', retryable: true, inDoubt: false });
  });
});

describe('without settings', () => {
  it.each([
    [{ botToken: null }, 'SLACK_BOT_TOKEN'],
    [{ dmUserId: null }, 'SLACK_DM_USER_ID'],
    [{ botToken: 'xoxb-with\nnewline' }, 'SLACK_BOT_TOKEN'],
    [{ botToken: null, dmUserId: null }, 'SLACK_BOT_TOKEN and SLACK_DM_USER_ID'],
  ])('%o sends nothing and names what to set', async (missing, names) => {
    const { messenger } = slackWith(missing);
    await expect(messenger.send(message, 'DM-1')).rejects.toMatchObject({
      code: 'not_configured',
      message: `Slack is not connected: ${names} must be set.`,
      retryable: false,
      inDoubt: false,
    });
  });
});

describe('the log', () => {
  it('gets one warning for each failure, without the token and without foreign text', async () => {
    post().reply(200, 'Bearer xoxb-secret freescout investigate');
    const with_ = slackWith();
    await expect(send(with_)).rejects.toThrow('unreadable_answer');
    expect(with_.lines).toHaveLength(1);
    expect(JSON.parse(with_.lines[0] ?? '')).toMatchObject({
      level: 'WARNING',
      msg: 'slack message failed',
      code: 'unreadable_answer',
      in_doubt: true,
    });
    expect(with_.lines[0]).not.toMatch(/xoxb|freescout|auto_ticket|investigate|ticket_filed/i);
  });

  it('gets nothing when all goes well', async () => {
    post().reply(200, { ok: true, ts: '2.0' });
    const with_ = slackWith();
    await send(with_);
    expect(with_.lines).toEqual([]);
  });
});
