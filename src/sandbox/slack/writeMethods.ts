import { checkBlocks } from './blockLimits.ts';
import type { SlackMessage } from './model.ts';
import { type Args, type Method, SlackFailure, type Workspace } from './workspace.ts';

const LONGEST_TEXT = 40_000;
/** Slack's documentation speaks of characters. */
const LONGEST_EDIT_BYTES = 4_000;

/** The methods that send a direct message or change one. */
export function createWriteMethods({ conversation, channelOf, find, nextTs, show, changed }: Workspace) {
  return {
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
      return { channel, ts: message.ts, message: show(message, true) };
    },
    'chat.update': (args) => {
      const channel = channelOf(args);
      const message = find(args.ts);
      if (!message) throw new SlackFailure('message_not_found');
      const { text, blocks, metadata } = contentOf(args);
      if (Buffer.byteLength(text) > LONGEST_EDIT_BYTES) throw new SlackFailure('msg_too_long');
      Object.assign(message, { text, blocks, metadata: metadata ?? message.metadata, edited: nextTs() });
      changed();
      return { channel, ts: message.ts, text, message: show(message, true) };
    },
  } satisfies Record<string, Method>;
}

function contentOf(args: Args): Pick<SlackMessage, 'text' | 'blocks' | 'metadata'> {
  const text = typeof args.text === 'string' ? args.text : '';
  const blocks = structured(args.blocks);
  if (args.blocks !== undefined && !Array.isArray(blocks)) throw new SlackFailure('invalid_blocks_format');
  if (text === '' && !(Array.isArray(blocks) && blocks.length > 0)) throw new SlackFailure('no_text');
  if (text.length > LONGEST_TEXT) throw new SlackFailure('msg_too_long');
  if (Array.isArray(blocks)) checkBlocks(blocks);
  return { text, blocks: Array.isArray(blocks) ? blocks : [], metadata: metadataOf(args.metadata) };
}

/** A form sends lists and objects as JSON text. */
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
