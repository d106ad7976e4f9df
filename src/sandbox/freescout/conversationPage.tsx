import type { VNode } from 'preact';
import { Time } from '../pageShell.tsx';
import { safeHtml } from '../safeHtml.ts';
import { ActionForm, Actions } from './conversationActions.tsx';
import { nameOf } from './data.ts';
import type { Conversation, FreeScoutData, Thread } from './model.ts';
import { StatusBadge } from './statusBadge.tsx';

interface ConversationPageProps {
  data: FreeScoutData;
  conversation: Conversation;
  tagsModule: boolean;
}

/** One ticket: its threads, newest first, and the actions of an operator. */
export function ConversationPage({ data, conversation, tagsModule }: ConversationPageProps): VNode {
  const newestFirst = conversation.threads.toReversed();
  const mailbox = data.mailboxes.find(({ id }) => id === conversation.mailboxId);
  return (
    <>
      <h1>{conversation.subject || '(no subject)'}</h1>
      <div class="row">
        <StatusBadge conversation={conversation} />
        <span class="quiet">
          {`#${conversation.id} in ${mailbox?.name ?? 'a deleted mailbox'}, filed `}
          <Time at={conversation.createdAt} />
        </span>
      </div>
      {tagsModule && <TagList conversation={conversation} />}
      <div class="columns">
        <div>
          <section aria-label="Messages">
            {newestFirst.map((thread) => (
              <ThreadCard key={thread.id} data={data} thread={thread} />
            ))}
          </section>
          <WriteForm conversation={conversation} action="note" label="Add a note" button="Save note" />
        </div>
        <aside aria-label="Actions">
          <Actions data={data} conversation={conversation} />
        </aside>
      </div>
    </>
  );
}

function ThreadCard({ data, thread }: { data: FreeScoutData; thread: Thread }): VNode {
  if (thread.type === 'lineitem') {
    return (
      <p class="lineitem">
        {`${thread.action} · `}
        <Time at={thread.createdAt} />
      </p>
    );
  }
  const kind = { customer: 'wrote', message: 'answered', note: 'noted' }[thread.type];
  return (
    <article class={thread.type === 'note' ? 'card note' : 'card'}>
      <p class="quiet">
        <strong>{nameOf(data, thread.createdBy)}</strong>
        {` ${kind}, `}
        <Time at={thread.createdAt} />
        {thread.state === 'draft' && ' (draft)'}
      </p>
      {/* The only place that renders foreign HTML, after it was sanitized. */}
      <div class="body" dangerouslySetInnerHTML={{ __html: safeHtml(thread.body) }} />
      {thread.attachments.map((file) => (
        <p key={file.id} class="quiet">{`Attached: ${file.fileName}, ${file.size} bytes`}</p>
      ))}
    </article>
  );
}

function TagList({ conversation }: { conversation: Conversation }): VNode {
  return (
    <ul class="plain row" aria-label="Tags">
      {conversation.tags.map((tag) => (
        <li key={tag}>
          <ActionForm conversation={conversation} action="remove-tag">
            <input type="hidden" name="tag" value={tag} />
            <span class="badge tag">{tag}</span>{' '}
            <button type="submit" class="small" aria-label={`Remove tag ${tag}`}>
              ×
            </button>
          </ActionForm>
        </li>
      ))}
    </ul>
  );
}

function WriteForm(props: { conversation: Conversation; action: string; label: string; button: string }): VNode {
  return (
    <section class="card">
      <ActionForm conversation={props.conversation} action={props.action}>
        <label>
          {props.label}
          <textarea name="text" rows={3} required />
        </label>
        <p>
          <button type="submit">{props.button}</button>
        </p>
      </ActionForm>
    </section>
  );
}
