import { createConversation } from './conversation.ts';
import type { SlackData, SlackMessage } from './model.ts';
import { placeOf } from './places.ts';

export type Args = Record<string, unknown>;
export type Method = (args: Args) => object;

export interface Identity {
  userId: string;
  dmChannel: string;
  botId: string;
  botUserId: string;
  teamId: string;
}

export interface WorkspaceDeps {
  data: SlackData;
  identity: Identity;
  now: () => Date;
  changed: () => void;
}

/** An `ok: false` response; Slack sends it with status 200. */
export class SlackFailure extends Error {
  readonly error: string;

  constructor(error: string) {
    super(error);
    this.name = 'SlackFailure';
    this.error = error;
  }
}

/** A channel that exists but that the bot is not a member of. */
export const FOREIGN_CHANNEL = 'C0FOREIGN';

export type Workspace = ReturnType<typeof createWorkspace>;

/** The conversations of the sandbox, and what every method needs to read and write them. */
export function createWorkspace({ data, identity, now, changed }: WorkspaceDeps) {
  const conversation = createConversation(data);

  /** A user id addresses the conversation with that user, as in the real `chat.postMessage`. */
  function channelOf(args: Args): string {
    if (args.channel === identity.dmChannel || args.channel === identity.userId) return identity.dmChannel;
    const place = placeOf(args.channel);
    if (place !== undefined) return place;
    throw new SlackFailure(args.channel === FOREIGN_CHANNEL ? 'not_in_channel' : 'channel_not_found');
  }

  function nextTs(): string {
    data.lastTs = Math.max(data.lastTs + 100, now().getTime() * 1000);
    return `${Math.floor(data.lastTs / 1e6)}.${String(data.lastTs % 1e6).padStart(6, '0')}`;
  }

  /** A message as the API returns it. */
  function show(message: SlackMessage, withMetadata: boolean): object {
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

  return {
    identity,
    conversation,
    channelOf,
    find: (ts: unknown): SlackMessage | undefined => (typeof ts === 'string' ? conversation.find(ts) : undefined),
    nextTs,
    show,
    changed,
  };
}
