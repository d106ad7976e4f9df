import type { SlackData, SlackMessage } from './model.ts';

/** Indexes the messages of all channels, so that a long conversation is not scanned for each request. */
export interface Conversation {
  find(ts: string): SlackMessage | undefined;
  /** Messages of a channel that are not replies, oldest first. */
  topLevel(channel: string): readonly SlackMessage[];
  /** The replies to a message, oldest first. */
  replies(ts: string): readonly SlackMessage[];
  add(message: SlackMessage): void;
}

export function createConversation({ messages }: SlackData): Conversation {
  const byTs = new Map<string, SlackMessage>();
  const openings = new Map<string, SlackMessage[]>();
  const threads = new Map<string, SlackMessage[]>();

  function file(message: SlackMessage): void {
    byTs.set(message.ts, message);
    if (message.thread_ts === null) append(openings, message.channel, message);
    else append(threads, message.thread_ts, message);
  }

  for (const message of messages) file(message);
  return {
    find: (ts) => byTs.get(ts),
    topLevel: (channel) => openings.get(channel) ?? [],
    replies: (ts) => threads.get(ts) ?? [],
    add(message) {
      messages.push(message);
      file(message);
    },
  };
}

function append(lists: Map<string, SlackMessage[]>, key: string, message: SlackMessage): void {
  const list = lists.get(key);
  if (list) list.push(message);
  else lists.set(key, [message]);
}

/** How many of these ordered messages were sent before the given second; with `inclusive`, also at it. */
export function countBefore(messages: readonly SlackMessage[], at: number, inclusive: boolean): number {
  let low = 0;
  for (let high = messages.length; low < high; ) {
    const middle = (low + high) >> 1;
    const ts = Number(messages[middle]?.ts);
    if (ts < at || (inclusive && ts === at)) low = middle + 1;
    else high = middle;
  }
  return low;
}
