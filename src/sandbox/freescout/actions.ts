import type { House } from './house.ts';
import { idOf, textOf } from './input.ts';
import { type Conversation, STATUSES } from './types.ts';
import { FIRST_USER_ID } from './world.ts';

type Fields = Record<string, unknown>;
type Action = (house: House, conversation: Conversation, fields: Fields) => string | null;

/** What an operator can do to a conversation by hand; each answers null, or a sentence saying why not. */
const ACTIONS: Record<string, Action> = {
  status: ({ desk }, conversation, fields) => {
    const status = STATUSES.find((candidate) => candidate === fields.status);
    if (!status) return 'Choose a status.';
    desk.setStatus(conversation, status, FIRST_USER_ID);
    return null;
  },
  assign: ({ desk, world }, conversation, fields) => {
    const userId = idOf(fields.user);
    if (userId !== null && !world.users.some(({ id }) => id === userId)) return 'There is no such user.';
    desk.assign(conversation, userId, FIRST_USER_ID);
    return null;
  },
  move: ({ desk, world }, conversation, fields) => {
    const mailbox = world.mailboxes.find(({ id }) => id === idOf(fields.mailbox));
    if (!mailbox) return 'There is no such mailbox.';
    desk.move(conversation, mailbox.id, FIRST_USER_ID);
    return null;
  },
  subject: ({ desk }, conversation, fields) => {
    desk.update(conversation, { subject: textOf(fields.subject) });
    return null;
  },
  note: ({ threads }, conversation, fields) => {
    const text = textOf(fields.text)?.trim();
    if (!text) return 'Write something first.';
    threads.add(conversation, { type: 'note', text, user: FIRST_USER_ID }, { source: 'web' });
    return null;
  },
  reply: ({ threads }, conversation, fields) => {
    const text = textOf(fields.text)?.trim();
    if (!text) return 'Write something first.';
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
  merge: ({ desk }, conversation, fields) => {
    const into = desk.find(idOf(fields.into));
    if (!into || into === conversation) return 'There is no such other conversation.';
    desk.merge(conversation, into, FIRST_USER_ID);
    return null;
  },
  trash: ({ desk }, conversation) => {
    desk.trash(conversation, FIRST_USER_ID);
    return null;
  },
  restore: ({ desk }, conversation) => {
    desk.restore(conversation, FIRST_USER_ID);
    return null;
  },
  delete: ({ desk }, conversation) => {
    desk.deleteForever(conversation);
    return null;
  },
};

/** Does one of the actions. Answers null where it was done, or a sentence saying why not. */
export function act(house: House, id: number | null, name: string, fields: Fields): string | null {
  const conversation = house.desk.find(id);
  if (!conversation) return 'There is no such conversation.';
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (!action) return 'There is no such action.';
  const refused = action(house, conversation, fields);
  house.changed();
  return refused;
}
