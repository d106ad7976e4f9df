import { countBefore } from './conversation.ts';
import type { SlackMessage } from './model.ts';
import { type Args, type Method, SlackFailure, type Workspace } from './workspace.ts';

/** The methods that find sent messages again. */
export function createReadMethods(workspace: Workspace) {
  const { conversation, channelOf, find } = workspace;
  return {
    'conversations.history': (args) => {
      return pageOf(workspace, conversation.topLevel(channelOf(args)), args, true);
    },
    'conversations.replies': (args) => {
      channelOf(args);
      const parent = find(args.ts);
      if (!parent) throw new SlackFailure('thread_not_found');
      const opening = find(parent.thread_ts ?? parent.ts) ?? parent;
      return pageOf(workspace, [opening, ...conversation.replies(opening.ts)], args, false);
    },
  } satisfies Record<string, Method>;
}

/** One page of ordered messages; those at exactly `oldest` and `latest` are excluded unless `inclusive`. */
function pageOf({ show }: Workspace, messages: readonly SlackMessage[], args: Args, newestFirst: boolean): object {
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
    messages: rows.map((message) => show(message, isTrue(args.include_all_metadata))),
    has_more: more,
    ...(more && { response_metadata: { next_cursor: String(from + limit) } }),
  };
}

function isTrue(value: unknown): boolean {
  return value === true || value === 1 || value === 'true' || value === '1';
}
