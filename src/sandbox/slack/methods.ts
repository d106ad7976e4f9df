import { countBefore, createConversation } from './conversation.ts';
import type { SlackData, SlackMessage } from './model.ts';

export type Args = Record<string, unknown>;
export interface Identity {
  userId: string;
  dmChannel: string;
  botId: string;
  botUserId: string;
  teamId: string;
}

interface Deps {
  data: SlackData;
  identity: Identity;
  now: () => Date;
  changed: () => void;
}

/** An `ok: false` answer; Slack gives it with status 200. */
export class SlackFailure extends Error {
  readonly error: string;

  constructor(error: string) {
    super(error);
    this.name = 'SlackFailure';
    this.error = error;
  }
}

/** A channel that exists and that the bot was not invited to. */
const FOREIGN_CHANNEL = 'C0FOREIGN';
const LONGEST_TEXT = 40_000;
type Method = (args: Args) => object;

/** The Web API methods that a bot needs to send direct messages and to find them again. */
export function createMethods({ data, identity, now, changed }: Deps): Record<string, Method> {
  /** A user's id stands for the conversation with that user, as in the real `chat.postMessage`. */
  function channelOf(args: Args): string {
    if (args.channel === identity.dmChannel || args.channel === identity.userId) return identity.dmChannel;
    throw new SlackFailure(args.channel === FOREIGN_CHANNEL ? 'not_in_channel' : 'channel_not_found');
  }

  const conversation = createConversation(data);
  const find = (ts: unknown): SlackMessage | undefined => (typeof ts === 'string' ? conversation.find(ts) : undefined);

  function nextTs(): string {
    data.lastTs = Math.max(data.lastTs + 100, now().getTime() * 1000);
    return `${Math.floor(data.lastTs / 1e6)}.${String(data.lastTs % 1e6).padStart(6, '0')}`;
  }

  function shown(message: SlackMessage, withMetadata: boolean): object {
    const replies = conversation.replies(message.ts);
    return {
      type: 'message',
      user: identity.botUserId,
      bot_id: identity.botId,
      app_id: 'A0SANDBOX',
      team: identity.teamId,
      text: message.text,
      ts: message.ts,
      ...(message.blocks.length > 0 && { blocks: message.blocks }),
      ...(message.edited && { edited: { user: identity.botUserId, ts: message.edited } }),
      ...(message.thread_ts !== null && { thread_ts: message.thread_ts }),
      ...(replies.length > 0 && {
        thread_ts: message.ts,
        reply_count: replies.length,
        latest_reply: replies.at(-1)?.ts,
      }),
      ...(withMetadata && message.metadata && { metadata: message.metadata }),
    };
  }

  function contentOf(args: Args): Pick<SlackMessage, 'text' | 'blocks' | 'metadata'> {
    const text = typeof args.text === 'string' ? args.text : '';
    const blocks = structured(args.blocks);
    if (args.blocks !== undefined && !Array.isArray(blocks)) throw new SlackFailure('invalid_blocks_format');
    if (text === '' && !(Array.isArray(blocks) && blocks.length > 0)) throw new SlackFailure('no_text');
    if (text.length > LONGEST_TEXT) throw new SlackFailure('msg_too_long');
    return { text, blocks: Array.isArray(blocks) ? blocks : [], metadata: metadataOf(args.metadata) };
  }

  /** One page of messages that are in order; `oldest` and `latest` are left out of it unless `inclusive`. */
  function pageOf(messages: readonly SlackMessage[], args: Args, newestFirst: boolean): object {
    const limit = Math.min(999, Math.max(1, Number(args.limit) || 100));
    const from = Number(args.cursor) || 0;
    const inclusive = isTrue(args.inclusive);
    const [oldest, latest] = [Number(args.oldest) || 0, Number(args.latest) || Number.POSITIVE_INFINITY];
    const first = countBefore(messages, oldest, !inclusive);
    const end = countBefore(messages, latest, inclusive);
    const rows = newestFirst
      ? messages.slice(Math.max(first, end - from - limit), Math.max(first, end - from)).reverse()
      : messages.slice(first + from, Math.min(end, first + from + limit));
    const more = from + limit < end - first;
    return {
      messages: rows.map((message) => shown(message, isTrue(args.include_all_metadata))),
      has_more: more,
      ...(more && { response_metadata: { next_cursor: String(from + limit) } }),
    };
  }

  return {
    'auth.test': () => ({
      url: 'https://sandbox.example/',
      team: 'Sandbox',
      user: 'auto-ticketing',
      team_id: identity.teamId,
      user_id: identity.botUserId,
      bot_id: identity.botId,
    }),
    'conversations.open': (args) => {
      if (args.users !== identity.userId && args.channel !== identity.dmChannel)
        throw new SlackFailure('user_not_found');
      return { channel: { id: identity.dmChannel } };
    },
    'chat.postMessage': (args) => {
      const channel = channelOf(args);
      const content = contentOf(args);
      const parent = args.thread_ts === undefined ? null : find(args.thread_ts);
      if (parent === undefined) throw new SlackFailure('thread_not_found');
      // A reply to a reply belongs to the same thread.
      const message = {
        channel,
        ts: nextTs(),
        thread_ts: parent?.thread_ts ?? parent?.ts ?? null,
        ...content,
        edited: null,
      };
      conversation.add(message);
      changed();
      return { channel, ts: message.ts, message: shown(message, true) };
    },
    'chat.update': (args) => {
      const channel = channelOf(args);
      const message = find(args.ts);
      if (!message) throw new SlackFailure('message_not_found');
      const { text, blocks, metadata } = contentOf(args);
      Object.assign(message, { text, blocks, metadata: metadata ?? message.metadata, edited: nextTs() });
      changed();
      return { channel, ts: message.ts, text, message: shown(message, true) };
    },
    'conversations.history': (args) => {
      channelOf(args);
      return pageOf(conversation.topLevel(), args, true);
    },
    'conversations.replies': (args) => {
      channelOf(args);
      const parent = find(args.ts);
      if (!parent) throw new SlackFailure('thread_not_found');
      const opening = find(parent.thread_ts ?? parent.ts) ?? parent;
      return pageOf([opening, ...conversation.replies(opening.ts)], args, false);
    },
  };
}

/** Forms carry lists and objects as JSON text. */
function structured(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}

function metadataOf(value: unknown): SlackMessage['metadata'] {
  const metadata = structured(value) as Partial<NonNullable<SlackMessage['metadata']>> | null | undefined;
  if (typeof metadata?.event_type !== 'string') return null;
  return { event_type: metadata.event_type, event_payload: metadata.event_payload ?? {} };
}

function isTrue(value: unknown): boolean {
  return value === true || value === 1 || value === 'true' || value === '1';
}
