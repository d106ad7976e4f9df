import nock from 'nock';
import { describe, expect, it } from 'vitest';
import type { DirectMessage } from '../../../src/notify/port.ts';
import { fields, slack, slackWith } from '../../support/slack.ts';

const message: DirectMessage = {
  headline: 'P1: API <prod> is DOWN & out',
  facts: [
    { label: 'Surface', value: 'API (production)' },
    { label: 'Said', value: '<!channel> *now*' },
  ],
  links: [
    { label: 'Console', url: 'https://console.example/console/alerts?q=a&state=firing' },
    { label: 'Bad', url: 'javascript:alert(1)' },
  ],
};

const opens = () =>
  nock('https://slack.com')
    .post('/api/conversations.open', { users: 'U1' })
    .matchHeader('authorization', 'Bearer xoxb-secret')
    .reply(200, { ok: true, channel: { id: 'D1' } });

const sent = { ok: true, channel: 'D1', ts: '1.000001' };

describe('a direct message', () => {
  it('goes to the conversation with the person, with blocks, text and marker', async () => {
    opens();
    const posted: Record<string, string>[] = [];
    nock('https://slack.com').post('/api/chat.postMessage', fields(posted)).reply(200, sent);

    expect(await slack().send(message, 'DM-1')).toEqual({ channel: 'D1', ts: '1.000001' });

    const body = posted[0] ?? {};
    expect(body).toMatchObject({ channel: 'D1', unfurl_links: 'false', unfurl_media: 'false' });
    expect(body).not.toHaveProperty('thread_ts');
    expect(JSON.parse(body.metadata ?? '')).toEqual({
      event_type: 'auto_ticketing_dm',
      event_payload: { marker: 'DM-1' },
    });
    expect(body.text).toBe(
      [
        'P1: API &lt;prod&gt; is DOWN &amp; out',
        '<https://console.example/console/alerts?q=a&amp;state=firing|Console>',
        'Bad',
        'Surface: API (production)',
        'Said: &lt;!channel&gt; *now*',
      ].join('\n'),
    );
    expect(JSON.parse(body.blocks ?? '')).toHaveLength(3);
    expect(body.blocks).not.toContain('javascript:');
    expect(body.blocks).not.toContain('<!channel>');
  });

  it('opens the conversation once for any number of messages', async () => {
    opens();
    nock('https://slack.com').post('/api/chat.postMessage').times(3).reply(200, sent);
    const messenger = slack();
    await Promise.all([messenger.send(message, 'DM-1'), messenger.send(message, 'DM-2')]);
    expect(await messenger.send(message, 'DM-3')).toEqual({ channel: 'D1', ts: '1.000001' });
  });

  it('opens the conversation again when Slack no longer knows it', async () => {
    opens();
    nock('https://slack.com').post('/api/chat.postMessage').reply(200, { ok: false, error: 'channel_not_found' });
    nock('https://slack.com')
      .post('/api/conversations.open')
      .reply(200, { ok: true, channel: { id: 'D2' } });
    nock('https://slack.com')
      .post('/api/chat.postMessage', (body) => body.channel === 'D2')
      .reply(200, { ...sent, channel: 'D2' });
    expect(await slack().send(message, 'DM-1')).toEqual({ channel: 'D2', ts: '1.000001' });
  });

  it('does not leave after this process was suspended, and is not in doubt', async () => {
    const scope = nock('https://slack.com').post('/api/chat.postMessage').reply(200, sent);
    const options = { replyTo: { channel: 'D9', ts: '5.5' }, mayLeave: () => false };
    await expect(slack().send(message, 'DM-1', options)).rejects.toMatchObject({ retryable: true, inDoubt: false });
    expect(scope.isDone()).toBe(false);
    nock.cleanAll();
  });

  it('joins the thread of the message it replies to, without opening anything', async () => {
    nock('https://slack.com')
      .post('/api/chat.postMessage', (body) => body.channel === 'D9' && body.thread_ts === '5.5')
      .reply(200, { ok: true, channel: 'D9', ts: '6.6' });
    const replyTo = { channel: 'D9', ts: '5.5' };
    expect(await slack().send(message, 'DM-1', { replyTo })).toEqual({ channel: 'D9', ts: '6.6' });
  });

  it('is rewritten in place, keeping its marker', async () => {
    const posted: Record<string, string>[] = [];
    nock('https://slack.com').post('/api/chat.update', fields(posted)).reply(200, sent);
    await slack().update({ channel: 'D1', ts: '1.000001' }, message);
    expect(posted[0]).toMatchObject({ channel: 'D1', ts: '1.000001' });
    expect(posted[0]).not.toHaveProperty('metadata');
  });

  it('goes to another Slack URL when one is set', async () => {
    nock('http://127.0.0.1:4999')
      .post('/api/chat.postMessage')
      .reply(200, { ...sent, channel: 'D9' });
    const replyTo = { channel: 'D9', ts: '5.5' };
    const { messenger } = slackWith({ apiUrl: 'http://127.0.0.1:4999/api' });
    expect(await messenger.send(message, 'DM-1', { replyTo })).toMatchObject({ channel: 'D9' });
  });
});

describe('a message to a recipient of the surfaces file', () => {
  it('goes to a channel as it is', async () => {
    nock('https://slack.com')
      .post('/api/chat.postMessage', (body) => body.channel === 'C1')
      .reply(200, { ...sent, channel: 'C1' });
    expect(await slack().send(message, 'DM-1', { to: 'C1' })).toEqual({ channel: 'C1', ts: '1.000001' });
  });

  it('goes to another person in a conversation of their own', async () => {
    nock('https://slack.com')
      .post('/api/conversations.open', { users: 'U2' })
      .reply(200, { ok: true, channel: { id: 'D2' } });
    nock('https://slack.com')
      .post('/api/chat.postMessage', (body) => body.channel === 'D2')
      .reply(200, { ...sent, channel: 'D2' });
    expect(await slack().send(message, 'DM-1', { to: 'U2' })).toMatchObject({ channel: 'D2' });
  });

  it('needs no SLACK_DM_USER_ID', async () => {
    nock('https://slack.com').post('/api/chat.postMessage').reply(200, sent);
    const { messenger } = slackWith({ dmUserId: null });
    expect(await messenger.send(message, 'DM-1', { to: 'C1' })).toMatchObject({ ts: '1.000001' });
  });

  it.each([
    ['channel_not_found', 'There is no channel C1, or it is private'],
    ['not_in_channel', 'The app is not in channel C1: invite it'],
    ['is_archived', 'Channel C1 is archived'],
  ])('that Slack refuses with %s says what to do, and is asked once', async (error, help) => {
    nock('https://slack.com').post('/api/chat.postMessage').reply(200, { ok: false, error });
    await expect(slack().send(message, 'DM-1', { to: 'C1' })).rejects.toMatchObject({
      code: error,
      inDoubt: false,
      message: expect.stringContaining(help),
    });
  });
});

const between = { since: new Date('2026-05-05T14:00:00Z'), until: new Date('2026-05-05T14:10:00Z') };

describe('looking for a message', () => {
  const stamped = (marker: string, ts: string) => ({
    ts,
    metadata: { event_type: 'auto_ticketing_dm', event_payload: { marker } },
  });

  it('reads the conversation page by page and takes only the exact marker', async () => {
    opens();
    nock('https://slack.com')
      .post('/api/conversations.history', {
        channel: 'D1',
        oldest: '1777989480',
        latest: '1777990320',
        inclusive: 'true',
        include_all_metadata: 'true',
        limit: '999',
      })
      .reply(200, {
        ok: true,
        messages: [stamped('DM-10', '3.0'), { ts: '2.5', text: 'DM-1' }],
        response_metadata: { next_cursor: 'more' },
      });
    nock('https://slack.com')
      .post('/api/conversations.history', (body) => body.cursor === 'more')
      .reply(200, { ok: true, messages: [stamped('DM-1', '2.0')] });
    expect(await slack().findByMarker('DM-1', between)).toEqual({ channel: 'D1', ts: '2.0' });
  });

  it('returns hidden when there is too much to read', async () => {
    opens();
    nock('https://slack.com')
      .post('/api/conversations.history')
      .times(25)
      .reply(200, { ok: true, messages: [stamped('DM-2', '3.0')], response_metadata: { next_cursor: 'more' } });
    expect(await slack().findByMarker('DM-1', between)).toBe('hidden');
  });

  it('ignores messages of other programs', async () => {
    opens();
    const foreign = { ts: '2.0', metadata: { event_type: 'deploy', event_payload: { marker: 'DM-1' } } };
    nock('https://slack.com')
      .post('/api/conversations.history')
      .reply(200, { ok: true, messages: [foreign] });
    expect(await slack().findByMarker('DM-1', between)).toBeNull();
  });

  it('searches the thread for a reply', async () => {
    nock('https://slack.com')
      .post('/api/conversations.replies', (body) => body.channel === 'D1' && body.ts === '1.0')
      .reply(200, { ok: true, messages: [stamped('DM-1', '1.5')] });
    const replyTo = { channel: 'D1', ts: '1.0' };
    expect(await slack().findByMarker('DM-1', between, { replyTo })).toEqual({ channel: 'D1', ts: '1.5' });
  });

  it('returns hidden when Slack does not allow reading', async () => {
    opens();
    nock('https://slack.com').post('/api/conversations.history').reply(200, { ok: false, error: 'missing_scope' });
    expect(await slack().findByMarker('DM-1', between)).toBe('hidden');
  });

  it('leaves the message in doubt when the look-up fails', async () => {
    opens();
    nock('https://slack.com').post('/api/conversations.history').reply(200, { ok: false, error: 'account_inactive' });
    await expect(slack().findByMarker('DM-1', between)).rejects.toMatchObject({
      code: 'account_inactive',
      inDoubt: true,
    });
  });
});

describe('answers of other types than Slack promises', () => {
  it('a message without a usable conversation keeps the one it was sent to', async () => {
    opens();
    nock('https://slack.com')
      .post('/api/chat.postMessage')
      .reply(200, { ok: true, ts: '1.2', channel: { id: 'D9' } });
    expect(await slack().send(message, 'DM-1')).toEqual({ channel: 'D1', ts: '1.2' });
  });

  it.each([{ messages: {} }, { messages: 'none' }])(
    'a history of %j says nothing about what stands in it',
    async (answer) => {
      opens();
      nock('https://slack.com')
        .post('/api/conversations.history')
        .reply(200, { ok: true, ...answer });
      await expect(slack().findByMarker('DM-1', between)).rejects.toMatchObject({
        name: 'MessageError',
        inDoubt: true,
      });
    },
  );

  it('rows that are not messages are ignored', async () => {
    opens();
    const metadata = { event_type: 'auto_ticketing_dm', event_payload: { marker: 'DM-1' } };
    const messages = [null, 5, { ts: 7, metadata }, { ts: '1.2', metadata }];
    nock('https://slack.com').post('/api/conversations.history').reply(200, { ok: true, messages });
    expect(await slack().findByMarker('DM-1', between)).toEqual({ channel: 'D1', ts: '1.2' });
  });
});
