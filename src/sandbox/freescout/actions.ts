import { FIRST_USER_ID } from './data.ts';
import type { FreeScoutInstance } from './instance.ts';
import { idOf, textOf } from './jsonInput.ts';
import { type Conversation, STATUSES } from './model.ts';

type Fields = Record<string, unknown>;
type Action = (instance: FreeScoutInstance, conversation: Conversation, fields: Fields) => string | null;

/** The manual actions of an operator on a conversation. Each returns null on success, else an error message. */
const ACTIONS: Record<string, Action> = {
  status: ({ conversations }, conversation, fields) => {
    const status = STATUSES.find((candidate) => candidate === fields.status);
    if (!status) return 'Choose a status.';
    conversations.setStatus(conversation, status, FIRST_USER_ID);
    return null;
  },
  assign: ({ conversations, data }, conversation, fields) => {
    const userId = idOf(fields.user);
    if (userId !== null && !data.users.some(({ id }) => id === userId)) return 'Unknown user.';
    conversations.assign(conversation, userId, FIRST_USER_ID);
    return null;
  },
  move: ({ conversations, data }, conversation, fields) => {
    const mailbox = data.mailboxes.find(({ id }) => id === idOf(fields.mailbox));
    if (!mailbox) return 'Unknown mailbox.';
    conversations.move(conversation, mailbox.id, FIRST_USER_ID);
    return null;
  },
  subject: ({ conversations }, conversation, fields) => {
    conversations.update(conversation, { subject: textOf(fields.subject) });
    return null;
  },
  note: ({ threads }, conversation, fields) => {
    const text = textOf(fields.text)?.trim();
    if (!text) return 'Enter a text.';
    threads.add(conversation, { type: 'note', text, user: FIRST_USER_ID }, { source: 'web' });
    return null;
  },
  reply: ({ threads }, conversation, fields) => {
    const text = textOf(fields.text)?.trim();
    if (!text) return 'Enter a text.';
    threads.add(conversation, { type: 'customer', text }, { source: 'web' });
    return null;
  },
  'add-tag': ({ tags, conditions }, conversation, fields) => {
    if (!conditions.tags_module) return 'The Tags module is off.';
    tags.replace(conversation, [...conversation.tags, textOf(fields.tag) ?? '']);
    return null;
  },
  'remove-tag': ({ tags }, conversation, fields) => {
    tags.replace(
      conversation,
      conversation.tags.filter((tag) => tag !== fields.tag),
    );
    return null;
  },
  merge: ({ conversations }, conversation, fields) => {
    const into = conversations.find(idOf(fields.into));
    if (!into || into === conversation) return 'Choose another conversation.';
    conversations.merge(conversation, into, FIRST_USER_ID);
    return null;
  },
  trash: ({ conversations }, conversation) => {
    conversations.trash(conversation, FIRST_USER_ID);
    return null;
  },
  restore: ({ conversations }, conversation) => {
    conversations.restore(conversation, FIRST_USER_ID);
    return null;
  },
  delete: ({ conversations }, conversation) => {
    conversations.deleteForever(conversation);
    return null;
  },
};

/** Runs one of the actions. Returns null on success, else an error message. */
export function act(instance: FreeScoutInstance, id: number | null, name: string, fields: Fields): string | null {
  const conversation = instance.conversations.find(id);
  if (!conversation) return 'Conversation not found.';
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (!action) return 'Unknown action.';
  const refused = action(instance, conversation, fields);
  instance.changed();
  return refused;
}
