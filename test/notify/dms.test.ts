import nock from 'nock';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { DmRequest } from '../../machines/shared/protocol.ts';
import { steadyClock } from '../../src/lib/clock.ts';
import { createLog } from '../../src/log/log.ts';
import { createDmStore } from '../../src/notify/dmStore.ts';
import { createDms, type Dms } from '../../src/notify/dms.ts';
import { MessageError, type Messenger, type Sent } from '../../src/notify/port.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';
import { slack } from '../support/slack.ts';
import { trustedClock } from '../support/trustedClock.ts';

/** A Slack that answers when `answer` is called. */
function slowSlack() {
  const posted: string[] = [];
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const messenger: Messenger = {
    async send(_message, marker) {
      posted.push(marker);
      await answered;
      return { channel: 'D1', ts: String(posted.length) };
    },
    update: async () => undefined,
    findByMarker: async (): Promise<Sent | null> => null,
  };
  return { messenger, posted, answer: () => answer() };
}

const { signal } = new AbortController();
const log = createLog({ level: 'silent' });
let database: TestDatabase;
let n = 0;
let request: DmRequest;
const dmsWith = (messenger: Messenger, store = createDmStore(database.pool, trustedClock), time = steadyClock): Dms =>
  createDms({
    store,
    messenger,
    log,
    time,
    consoleUrl: 'http://127.0.0.1',
    admit: async (_source, ids) => ({ taken: new Set(ids), held: new Set() }),
  });
const forward = (seconds: number) =>
  database.pool.query(
    "update direct_messages set attempted_at = attempted_at - $2 * interval '1 second' where id = $1",
    [request.id, seconds],
  );
const failing = (facts: { inDoubt: boolean }): Messenger => ({
  ...slowSlack().messenger,
  send: async () => {
    throw new MessageError('no answer', facts);
  },
});

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(() => {
  n += 1;
  const body = {
    alertKey: 'monitor:a',
    severity: 'P1',
    title: 'A',
    details: null,
    since: '2026-01-01T00:00:00Z',
    ticket: null,
  };
  request = { id: `dm:monitor:a:${n}`, thread: `alert:monitor:a:${n}`, kind: 'opened', source: 'monitor', body };
});
afterAll(() => database.drop());

test.each(['edit_window_closed', 'cant_update_message', 'message_not_found', 'msg_too_long', 'block_mismatch'])(
  'a ticket link that Slack refuses with %s is sent as a reply in the thread',
  async (code) => {
    const replies: (Sent | undefined)[] = [];
    const dms = dmsWith({
      ...slowSlack().messenger,
      async send(_message, _marker, options) {
        replies.push(options?.replyTo);
        return { channel: 'D1', ts: String(replies.length) };
      },
      update: async () => {
        throw new MessageError(`Slack chat.update failed: ${code}.`, { code, retryable: false });
      },
    });
    await dms.send(request, signal);
    const link: DmRequest = { ...request, id: `${request.id}:ticket`, kind: 'ticket' };
    expect(await dms.send(link, signal)).toEqual({ outcome: 'sent' });
    expect(await dms.send(link, signal)).toEqual({ outcome: 'sent' });
    expect(replies).toEqual([undefined, { channel: 'D1', ts: '1' }]);
  },
);

const final = (code: string, facts: object = {}) =>
  new MessageError(`Slack failed: ${code}.`, { code, retryable: false, ...facts });

test.each([
  ['ticket', 'thread_not_found'],
  ['ticket', 'channel_not_found'],
  ['resolved', 'thread_not_found'],
  ['resolved', 'channel_not_found'],
  ['resolved', 'is_archived'],
] as const)(
  'a message of kind %s whose thread Slack refuses with %s is sent once as a message of its own, also after a lost answer',
  async (kind, code) => {
    const posted: string[] = [];
    let losesAnswer = true;
    const dms = dmsWith({
      async send(_message, marker, options) {
        if (options?.replyTo) throw final(code);
        posted.push(marker);
        if (posted.length === 2 && losesAnswer) throw new MessageError('no answer', { inDoubt: true });
        return { channel: 'D1', ts: String(posted.length) };
      },
      update: async () => {
        throw final(code);
      },
      async findByMarker(marker, _between, options) {
        // An archived conversation can still be read.
        if (options?.replyTo && code === 'is_archived') return null;
        if (options?.replyTo) throw final(code, { inDoubt: true });
        return posted.includes(marker) ? { channel: 'D1', ts: String(posted.indexOf(marker) + 1) } : null;
      },
    });
    await dms.send(request, signal);
    const body = { ...request.body, at: '2026-01-01T00:10:00Z', reason: null };
    const later: DmRequest = { ...request, id: `${request.id}:${kind}`, kind, body };
    await expect(dms.send(later, signal)).rejects.toMatchObject({ inDoubt: true });
    losesAnswer = false;
    expect(await dms.send(later, signal)).toEqual({ outcome: 'sent' });
    expect(posted).toHaveLength(2);
  },
);

test.each([
  ['an answer that was lost', new MessageError('no answer', { code: 'timeout', inDoubt: true })],
  ['an error of authentication', final('invalid_auth')],
  ['a missing scope', final('missing_scope')],
  ['too many calls', new MessageError('Slack failed: ratelimited.', { code: 'ratelimited', retryAfterMs: 30_000 })],
])('an edit or a reply that fails with %s is not sent as a message of its own', async (_why, error) => {
  const { messenger, posted, answer } = slowSlack();
  answer();
  const dms = dmsWith({
    ...messenger,
    send: async (message, marker, options) => {
      if (options?.replyTo) throw error;
      return messenger.send(message, marker, options);
    },
    update: async () => {
      throw error;
    },
  });
  await dms.send(request, signal);
  const body = { ...request.body, at: '2026-01-01T00:10:00Z', reason: null };
  for (const kind of ['ticket', 'resolved'] as const) {
    await expect(dms.send({ ...request, id: `${request.id}:${kind}`, kind, body }, signal)).rejects.toBe(error);
  }
  expect(posted).toHaveLength(1);
});

test('a reply whose answer was lost is sent no third time where its conversation cannot be read any more', async () => {
  const replyTo: boolean[] = [];
  let isGone = false;
  const dms = dmsWith({
    async send(_message, _marker, options) {
      if (options?.replyTo && isGone) throw final('channel_not_found');
      replyTo.push(options?.replyTo !== undefined);
      if (replyTo.length > 1) throw new MessageError('no answer', { inDoubt: true });
      return { channel: 'D1', ts: '1' };
    },
    update: async () => undefined,
    async findByMarker(_marker, _between, options) {
      if (options?.replyTo && isGone) throw final('channel_not_found', { inDoubt: true });
      return null;
    },
  });
  await dms.send(request, signal);
  const opening = request;
  request = { ...opening, id: `${opening.id}:resolved`, kind: 'resolved' };
  request.body = { ...opening.body, at: '2026-01-01T00:10:00Z', reason: null };
  await expect(dms.send(request, signal)).rejects.toThrow('no answer');
  isGone = true;
  await forward(13);
  await expect(dms.send(request, signal)).rejects.toThrow('no answer');
  await forward(13);
  await expect(dms.send(request, signal)).rejects.toMatchObject({ code: 'unconfirmed', retryable: false });
  expect(replyTo).toEqual([false, true, false]);
});

test.each([
  [302, ''],
  [403, '<html>blocked</html>'],
])(
  'a message that a proxy answers with %i in place of Slack is sent once when the proxy lets it through',
  async (status, body) => {
    nock('https://slack.com')
      .post('/api/conversations.open')
      .reply(200, { ok: true, channel: { id: 'D1' } });
    const post = () => nock('https://slack.com').post('/api/chat.postMessage');
    const dms = dmsWith(slack());
    post().reply(status, body);
    await expect(dms.send(request, signal)).rejects.toMatchObject({ retryable: true, inDoubt: false });
    post().reply(200, { ok: true, channel: 'D1', ts: '1.000001' });
    expect(await dms.send(request, signal)).toEqual({ outcome: 'sent' });
    // No further request is expected: it would fail.
    expect(await dms.send(request, signal)).toEqual({ outcome: 'sent' });
  },
);

test('a message of which a proxy twice leaves open whether it arrived is a dead letter where it cannot be looked up', async () => {
  const slackApi = () => nock('https://slack.com');
  slackApi()
    .post('/api/conversations.open')
    .reply(200, { ok: true, channel: { id: 'D1' } });
  const dms = dmsWith(slack());
  for (const _ of ['first attempt', 'second attempt']) {
    slackApi().post('/api/chat.postMessage').reply(404, '<html>blocked</html>');
    await expect(dms.send(request, signal)).rejects.toMatchObject({ retryable: true, inDoubt: true });
    await forward(13);
    slackApi().post('/api/conversations.history').reply(200, { ok: false, error: 'missing_scope' });
  }
  await expect(dms.send(request, signal)).rejects.toMatchObject({
    code: 'unconfirmed',
    retryable: false,
    message: expect.stringMatching(
      /^Slack confirmed neither of two attempts to send this message\. It may have arrived/,
    ),
  });
});

test('two processes with the same message send it once, and the second one looks it up later', async () => {
  const slack = slowSlack();
  const dms = dmsWith(slack.messenger);
  const first = dms.send(request, signal);
  await expect.poll(() => slack.posted.length).toBe(1);
  await expect(dms.send(request, signal)).rejects.toMatchObject({ retryable: true, retryAfterMs: expect.any(Number) });
  slack.answer();
  expect(await first).toEqual({ outcome: 'sent' });
  expect(await dms.send(request, signal)).toEqual({ outcome: 'sent' });
  expect(slack.posted).toHaveLength(1);
});

test('a message whose process died during the attempt is sent after the doubt', async () => {
  const dead = slowSlack();
  void dmsWith(dead.messenger).send(request, signal);
  await expect.poll(() => dead.posted.length).toBe(1);
  const slack = slowSlack();
  slack.answer();
  const dms = dmsWith(slack.messenger);
  await forward(6);
  await expect(dms.send(request, signal)).rejects.toMatchObject({ inDoubt: true });
  await forward(7);
  expect(await dms.send(request, signal)).toEqual({ outcome: 'sent' });
  expect(slack.posted).toEqual(dead.posted);
});

/** A process whose database goes away as soon as Slack has answered. Slack does not allow it to look messages up. */
function processThatLosesItsDatabase() {
  const real = createDmStore(database.pool, trustedClock);
  let away = true;
  const recordSent = vi.fn(async (id: string, sent: Sent) => {
    if (away) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    return real.recordSent(id, sent);
  });
  const slack = slowSlack();
  slack.answer();
  const messenger: Messenger = { ...slack.messenger, findByMarker: async () => 'hidden' };
  const comesBack = () => {
    away = false;
  };
  return { dms: dmsWith(messenger, { ...real, recordSent }), recordSent, posted: slack.posted, comesBack };
}

test('a message that Slack took while the database is away is recorded when it is back', async () => {
  const { dms, recordSent, posted, comesBack } = processThatLosesItsDatabase();
  const sending = dms.send(request, signal);
  await expect.poll(() => recordSent.mock.calls.length).toBeGreaterThan(1);
  comesBack();
  expect(await sending).toEqual({ outcome: 'sent' });
  expect(posted).toHaveLength(1);
  const { rows } = await database.pool.query('select channel, ts from direct_messages where id = $1', [request.id]);
  expect(rows).toEqual([{ channel: 'D1', ts: '1' }]);
});

test('a run that had to end before the database was back leaves the place of its message to the next run', async () => {
  const { dms, recordSent, posted, comesBack } = processThatLosesItsDatabase();
  const ending = new AbortController();
  const sending = dms.send(request, ending.signal);
  await expect.poll(() => recordSent.mock.calls.length).toBeGreaterThan(0);
  ending.abort();
  await expect(sending).rejects.toThrow('ECONNREFUSED');
  comesBack();
  await forward(13);
  expect(await dms.send(request, signal)).toEqual({ outcome: 'sent' });
  expect(posted).toHaveLength(1);
});

test('a process that was suspended between attempt and call does not send the message, and another one sends it at once', async () => {
  let asleepMs = 0;
  const real = createDmStore(database.pool, trustedClock);
  const store: typeof real = {
    ...real,
    async beginAttempt(...attempt) {
      const begun = await real.beginAttempt(...attempt);
      asleepMs = 60_000;
      return begun;
    },
  };
  const slack = slowSlack();
  slack.answer();
  // In suspend the monotonic clock stands still.
  const suspended = dmsWith(slack.messenger, store, { ...steadyClock, wall: () => Date.now() + asleepMs });
  await expect(suspended.send(request, signal)).rejects.toMatchObject({ retryable: true, inDoubt: false });
  expect(slack.posted).toEqual([]);
  expect(await dmsWith(slack.messenger).send(request, signal)).toEqual({ outcome: 'sent' });
  expect(slack.posted).toHaveLength(1);
});

test('a message that certainly never arrived is sent again at once', async () => {
  await expect(dmsWith(failing({ inDoubt: false })).send(request, signal)).rejects.toThrow('no answer');
  const slack = slowSlack();
  slack.answer();
  expect(await dmsWith(slack.messenger).send(request, signal)).toEqual({ outcome: 'sent' });
});

test('a message whose answer was lost is looked up at once and sent again only after the doubt', async () => {
  await expect(dmsWith(failing({ inDoubt: true })).send(request, signal)).rejects.toThrow('no answer');
  const slack = slowSlack();
  slack.answer();
  const dms = dmsWith(slack.messenger);
  await expect(dms.send(request, signal)).rejects.toMatchObject({ inDoubt: true, retryAfterMs: expect.any(Number) });
  expect(slack.posted).toHaveLength(0);
  await forward(13);
  expect(await dms.send(request, signal)).toEqual({ outcome: 'sent' });
});

test('a message that is found after its answer was lost is not sent again', async () => {
  await expect(dmsWith(failing({ inDoubt: true })).send(request, signal)).rejects.toThrow('no answer');
  const slack = slowSlack();
  const dms = dmsWith({ ...slack.messenger, findByMarker: async () => ({ channel: 'D1', ts: '7' }) });
  expect(await dms.send(request, signal)).toEqual({ outcome: 'sent' });
  expect(slack.posted).toHaveLength(0);
});

test('a late failure of an old attempt does not take back the attempt of another process', async () => {
  let refuse: (() => void) | undefined;
  const late = dmsWith({
    ...slowSlack().messenger,
    send: () =>
      new Promise((_, reject) => {
        refuse = () => reject(new MessageError('refused after all', { inDoubt: false }));
      }),
  }).send(request, signal);
  const state = async () =>
    (await database.pool.query('select phase, attempts from direct_messages where id = $1', [request.id])).rows;
  await expect.poll(() => refuse).toBeDefined();
  expect(await state()).toEqual([{ phase: 'attempting', attempts: 1 }]);
  await forward(13);
  const slack = slowSlack();
  const sending = dmsWith(slack.messenger).send(request, signal);
  await expect.poll(() => slack.posted.length).toBe(1);
  refuse?.();
  await expect(late).rejects.toThrow('refused after all');
  expect(await state()).toEqual([{ phase: 'attempting', attempts: 2 }]);
  slack.answer();
  expect(await sending).toEqual({ outcome: 'sent' });
});

test('of many messages those that need no call are decided together, and the others are recorded', async () => {
  const { messenger, posted, answer } = slowSlack();
  const admitOne = async (_source: string, ids: readonly string[]) => ({
    taken: new Set(ids.slice(0, 1)),
    held: new Set(ids.slice(2)),
  });
  const dms = createDms({
    store: createDmStore(database.pool, trustedClock),
    messenger,
    log,
    consoleUrl: 'http://127.0.0.1',
    admit: admitOne,
  });
  answer();
  const sent = { ...request, id: 'dm:sent', thread: 'alert:sent' };
  expect(await dms.send(sent, signal)).toEqual({ outcome: 'sent' });
  const [admitted, grouped, held] = ['admitted', 'grouped', 'held'].map((id) => ({
    ...request,
    id: `dm:${id}`,
    thread: id,
  })) as DmRequest[];
  const alone = { ...request, id: 'dm:alone', thread: 'alert:alone', kind: 'resolved' as const };
  const reply = { ...request, id: 'dm:reply', thread: 'alert:sent', kind: 'resolved' as const };
  expect(await dms.decide([held, sent, grouped, admitted, alone, reply] as DmRequest[])).toEqual(
    new Map([
      ['dm:sent', { outcome: 'sent' }],
      ['dm:grouped', { outcome: 'grouped' }],
      ['dm:alone', { outcome: 'skipped' }],
    ]),
  );
  expect(posted).toHaveLength(1);
  const { rows } = await database.pool.query("select id from direct_messages where id = any('{dm:admitted,dm:reply}')");
  expect(rows).toHaveLength(2);
});
