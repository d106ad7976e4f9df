import { MessageError, type Messenger, type Sent } from '../port.ts';
import { render } from './blocks.ts';
import { createSlackCall, notConfigured, type SlackDeps, type SlackSettings } from './client.ts';
import { isPerson, recipientHelp } from './recipientHelp.ts';

const EVENT_TYPE = 'auto_ticketing_dm';
/** Slack's clock and ours may differ, so the search interval is extended by this much at both ends. */
const CLOCK_SKEW_MS = 120_000;
/** The largest page that Slack allows. */
const PAGE = 999;
const MAX_PAGES = 25;
/** The token may not read the conversation, although it may send to it. */
const NO_READ_ACCESS = new Set([
  'missing_scope',
  'no_permission',
  'access_denied',
  'not_allowed_token_type',
  'unknown_method',
]);

/** The fields of a message that identify it as ours. */
interface SlackMessage {
  ts: string;
  metadata?: { event_type?: string; event_payload?: { marker?: unknown } };
}

/** The answer is checked at run time, because a proxy may answer in place of Slack. */
const isSlackMessage = (message: unknown): message is SlackMessage =>
  typeof message === 'object' && message !== null && 'ts' in message && textOf(message.ts) !== undefined;
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

interface Post {
  channel: string;
  marker: string;
  body: ReturnType<typeof render>;
  thread: string | undefined;
  signal: AbortSignal | undefined;
  mayLeave: (() => boolean) | undefined;
}

interface LookUp {
  channel: string;
  marker: string;
  between: { since: Date; until: Date };
  thread: string | undefined;
  signal: AbortSignal | undefined;
}

type Recipient = string | null | undefined;

/**
 * Messages to people and channels through Slack's Web API. Never retries: each MessageError shows whether a retry may help
 * and whether the message may have arrived.
 */
export function createSlack(settings: SlackSettings, deps: SlackDeps): Messenger {
  const call = createSlackCall(settings, deps);
  const opened = new Map<string, Promise<string>>();

  /** The conversation with a person, opened once. All callers share it, so it is opened without their signals. */
  function conversationWith(person: string | null): Promise<string> {
    const known = opened.get(person ?? '');
    if (known) return known;
    const opening = call('conversations.open', {
      signal: undefined,
      hasEffect: false,
      make: (client) => {
        if (person === null) throw notConfigured(settings);
        return client.conversations.open({ users: person });
      },
      read: ({ channel }) => textOf(channel?.id),
    }).catch((error: unknown) => {
      opened.delete(person ?? '');
      throw error;
    });
    opened.set(person ?? '', opening);
    return opening;
  }

  /** Runs `act` in the conversation; opens it again and repeats once if Slack no longer knows it. */
  async function inConversation<T>(person: string | null, act: (channel: string) => Promise<T>): Promise<T> {
    const known = conversationWith(person);
    const id = await known;
    try {
      return await act(id);
    } catch (error) {
      if (!(error instanceof MessageError) || error.code !== 'channel_not_found') throw error;
      if (opened.get(person ?? '') === known) opened.delete(person ?? '');
      return act(await conversationWith(person));
    }
  }

  /** Runs `act` where the recipient reads; a recipient that Slack refuses is named with what to do. */
  async function at<T>(to: Recipient, act: (channel: string) => Promise<T>): Promise<T> {
    if (to === null || to === undefined) return inConversation(settings.dmUserId, act);
    try {
      return await (isPerson(to) ? inConversation(to, act) : act(to));
    } catch (error) {
      throw error instanceof MessageError ? withHelp(error, to) : error;
    }
  }

  function post({ channel, marker, body, thread, signal, mayLeave }: Post): Promise<Sent> {
    return call('chat.postMessage', {
      signal,
      mayLeave,
      hasEffect: true,
      make: (client) =>
        client.chat.postMessage({
          channel,
          ...body,
          ...(thread === undefined ? {} : { thread_ts: thread }),
          metadata: { event_type: EVENT_TYPE, event_payload: { marker } },
          unfurl_links: false,
          unfurl_media: false,
        }),
      read: ({ ts, channel: actual }) =>
        textOf(ts) ? { channel: textOf(actual) ?? channel, ts: String(ts) } : undefined,
    });
  }

  async function lookUp({ channel, marker, between, thread, signal }: LookUp): Promise<Sent | 'hidden' | null> {
    const oldest = String(Math.max(between.since.getTime() - CLOCK_SKEW_MS, 0) / 1_000);
    const latest = String((between.until.getTime() + CLOCK_SKEW_MS) / 1_000);
    const range = { channel, oldest, latest, inclusive: true, include_all_metadata: true, limit: PAGE } as const;
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const args = cursor ? { ...range, cursor } : range;
      const found = await call(thread === undefined ? 'conversations.history' : 'conversations.replies', {
        signal,
        hasEffect: false,
        make: (client) =>
          thread === undefined
            ? client.conversations.history(args)
            : client.conversations.replies({ ...args, ts: thread }),
        read: ({ messages, response_metadata }) =>
          Array.isArray(messages)
            ? { messages: messages.filter(isSlackMessage), next: textOf(response_metadata?.next_cursor) }
            : undefined,
      });
      const ours = found.messages.find(
        ({ metadata }) => metadata?.event_type === EVENT_TYPE && metadata.event_payload?.marker === marker,
      );
      if (ours) return { channel, ts: ours.ts };
      cursor = found.next;
      if (!cursor) return null;
    }
    return 'hidden';
  }

  return {
    send(message, marker, { to, replyTo, signal, mayLeave } = {}) {
      const body = render(message);
      if (replyTo) return post({ channel: replyTo.channel, marker, body, thread: replyTo.ts, signal, mayLeave });
      return at(to, (channel) => post({ channel, marker, body, thread: undefined, signal, mayLeave }));
    },

    async update(sent, message, { signal } = {}) {
      await call('chat.update', {
        signal,
        hasEffect: true,
        // The marker stays: Slack keeps metadata that an update does not mention.
        make: (client) => client.chat.update({ channel: sent.channel, ts: sent.ts, ...render(message) }),
        read: (result) => result,
      });
    },

    async findByMarker(marker, between, { to, replyTo, signal } = {}) {
      try {
        if (replyTo) return await lookUp({ channel: replyTo.channel, marker, between, thread: replyTo.ts, signal });
        return await at(to, (channel) => lookUp({ channel, marker, between, thread: undefined, signal }));
      } catch (error) {
        if (!(error instanceof MessageError)) throw error;
        if (error.code !== undefined && NO_READ_ACCESS.has(error.code)) return 'hidden';
        throw stillInDoubt(error);
      }
    },
  };
}

function withHelp(error: MessageError, to: string): MessageError {
  const help = recipientHelp(error.code, to);
  if (help === null) return error;
  const { message, retryable, inDoubt, retryAfterMs, code } = error;
  return new MessageError(`${message} ${help}`, { retryable, inDoubt, retryAfterMs, code });
}

/** A failed look-up proves nothing: the message may exist. */
function stillInDoubt({ message, retryable, retryAfterMs, code }: MessageError): MessageError {
  return new MessageError(message, { retryable, retryAfterMs, code, inDoubt: true });
}
