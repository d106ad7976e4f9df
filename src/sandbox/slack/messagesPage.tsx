import type { VNode } from 'preact';
import { Shell, type ShellProps, Time } from '../pageShell.tsx';
import { Blocks } from './blocks.tsx';
import type { SlackMessage } from './model.ts';
import { Mrkdwn } from './mrkdwn.tsx';
import { labelOf } from './places.ts';

interface DirectMessagesProps {
  product: string;
  nav: ShellProps['nav'];
  userId: string;
  messages: SlackMessage[];
}

const SHOWN = 100;

/** The direct messages from the bot to one user: latest threads first, replies below their opening message. */
export function DirectMessages({ product, nav, userId, messages }: DirectMessagesProps): VNode {
  const openings = messages.filter(({ thread_ts }) => thread_ts === null).reverse();
  return (
    <Shell product={product} title="Direct messages" nav={nav}>
      <div class="chat">
        <h1>Direct messages</h1>
        <p class="lead">{`Direct messages from auto-ticketing to ${userId}, latest first. This page updates itself.`}</p>
        {openings.length === 0 && <p class="card quiet">No messages yet.</p>}
        {openings.slice(0, SHOWN).map((opening) => (
          <article key={opening.ts} class="card">
            <Message message={opening} />
            <Replies replies={messages.filter(({ thread_ts }) => thread_ts === opening.ts)} />
          </article>
        ))}
        {openings.length > SHOWN && <p class="quiet">{`${openings.length - SHOWN} older messages are not shown.`}</p>}
      </div>
    </Shell>
  );
}

function Replies({ replies }: { replies: SlackMessage[] }): VNode | null {
  if (replies.length === 0) return null;
  return (
    <div class="replies">
      <p class="quiet">{replies.length === 1 ? '1 reply' : `${replies.length} replies`}</p>
      {replies.map((reply) => (
        <Message key={reply.ts} message={reply} />
      ))}
    </div>
  );
}

function Message({ message }: { message: SlackMessage }): VNode {
  return (
    <div class="message">
      <div class="face" aria-hidden="true">
        A
      </div>
      <div class="body">
        <p class="quiet">
          <strong>auto-ticketing</strong> <span class="badge">App</span>{' '}
          <Time at={new Date(Number(message.ts) * 1000).toISOString()} />
          {labelOf(message.channel) !== null && ` ${labelOf(message.channel)}`}
          {message.edited !== null && ' (edited)'}
        </p>
        {message.blocks.length > 0 ? <Blocks blocks={message.blocks} /> : <Mrkdwn text={message.text} />}
      </div>
    </div>
  );
}
