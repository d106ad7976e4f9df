import type { ComponentChildren, VNode } from 'preact';
import { nameOf } from './data.ts';
import { type Conversation, type FreeScoutData, STATUSES } from './model.ts';

interface ActionFormProps {
  conversation: Conversation;
  action: string;
  /** Shows the field and its button side by side. */
  beside?: boolean;
  children: ComponentChildren;
}

/** A form for one action on a conversation. */
export function ActionForm({ conversation, action, beside, children }: ActionFormProps): VNode {
  return (
    <form method="post" action={`/conversation/${conversation.id}/${action}`} class={beside ? 'beside' : undefined}>
      {children}
    </form>
  );
}

const TO_STATUS = { active: 'Reopen', pending: 'Set pending', closed: 'Close', spam: 'Mark as spam' } as const;

interface ActionsProps {
  data: FreeScoutData;
  conversation: Conversation;
}

/** Every action on a conversation except writing a note. */
export function Actions({ data, conversation }: ActionsProps): VNode {
  return (
    <>
      <StatusActions conversation={conversation} />
      <ChangeForms data={data} conversation={conversation} />
    </>
  );
}

function StatusActions({ conversation }: Omit<ActionsProps, 'data'>): VNode {
  return (
    <section class="card" aria-labelledby="do">
      <h2 id="do">Status</h2>
      <div class="row">
        {STATUSES.filter((status) => status !== conversation.status).map((status) => (
          <ActionForm key={status} conversation={conversation} action="status">
            <input type="hidden" name="status" value={status} />
            <button type="submit" class={status === 'closed' ? 'primary' : ''}>
              {TO_STATUS[status]}
            </button>
          </ActionForm>
        ))}
        <ActionForm conversation={conversation} action={conversation.state === 'deleted' ? 'restore' : 'trash'}>
          <button type="submit">{conversation.state === 'deleted' ? 'Restore' : 'Move to trash'}</button>
        </ActionForm>
        {conversation.state === 'deleted' && (
          <ActionForm conversation={conversation} action="delete">
            <button type="submit" class="danger">
              Delete permanently
            </button>
          </ActionForm>
        )}
      </div>
    </section>
  );
}

function ChangeForms({ data, conversation }: ActionsProps): VNode {
  return (
    <section class="card" aria-labelledby="change">
      <h2 id="change">Details</h2>
      <ActionForm conversation={conversation} action="assign" beside>
        <Choice
          label="Assigned to"
          name="user"
          selected={conversation.assigneeId}
          options={[
            { id: null, name: 'Unassigned' },
            ...data.users.map(({ id }) => ({ id, name: nameOf(data, { type: 'user', id }) })),
          ]}
          button="Assign"
        />
      </ActionForm>
      <ActionForm conversation={conversation} action="move" beside>
        <Choice
          label="Mailbox"
          name="mailbox"
          selected={conversation.mailboxId}
          options={data.mailboxes}
          button="Move"
        />
      </ActionForm>
      <ActionForm conversation={conversation} action="add-tag" beside>
        <label>
          New tag
          <input name="tag" required maxLength={100} autocomplete="off" />
        </label>
        <button type="submit">Add tag</button>
      </ActionForm>
      <ActionForm conversation={conversation} action="subject" beside>
        <label>
          Subject
          <input name="subject" value={conversation.subject} autocomplete="off" />
        </label>
        <button type="submit">Change</button>
      </ActionForm>
    </section>
  );
}

interface ChoiceProps {
  label: string;
  name: string;
  selected: number | null;
  options: { id: number | null; name: string }[];
  button: string;
}

function Choice({ label, name, selected, options, button }: ChoiceProps): VNode {
  return (
    <>
      <label>
        {label}
        <select name={name}>
          {options.map((option) => (
            <option key={option.id} value={option.id ?? ''} selected={option.id === selected}>
              {option.name}
            </option>
          ))}
        </select>
      </label>
      <button type="submit">{button}</button>
    </>
  );
}
