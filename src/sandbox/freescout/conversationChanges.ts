import { nameOf, statusOf } from './data.ts';
import { type Input, idOf, textOf } from './jsonInput.ts';
import type { Conversation, ConversationStatus, FreeScoutData, Mailbox, WebhookEvent } from './model.ts';
import { badField } from './refusal.ts';
import type { Tags } from './tagStore.ts';
import type { Threads } from './threads.ts';

interface Deps {
  data: FreeScoutData;
  threads: Threads;
  tags: Tags;
  mailboxes: () => Mailbox[];
  emit: (event: WebhookEvent, subject: Conversation) => void;
}

const MARKED: Record<ConversationStatus, string> = {
  active: 'Active',
  pending: 'Pending',
  closed: 'Closed',
  spam: 'Spam',
};

/** Changes to an existing conversation, made through the API or by an operator. */
export function createConversationChanges({ data, threads, tags, mailboxes, emit }: Deps) {
  const by = (userId: number) => nameOf(data, { type: 'user', id: userId });

  /** Setting the current status again changes nothing. */
  function setStatus(conversation: Conversation, status: ConversationStatus, userId: number): void {
    if (conversation.status === status) return;
    threads.applyStatus(conversation, status, { type: 'user', id: userId });
    threads.addLineItem(conversation, userId, `${by(userId)} marked as ${MARKED[status]}`);
    emit('convo.status', conversation);
  }

  /** Null removes the assignee, for which FreeScout sends no webhook. */
  function assign(conversation: Conversation, assigneeId: number | null, userId: number): void {
    if (conversation.assigneeId === assigneeId) return;
    conversation.assigneeId = assigneeId;
    const whom = assigneeId === null ? 'Anyone' : by(assigneeId);
    threads.addLineItem(conversation, userId, `${by(userId)} assigned to ${whom}`);
    if (assigneeId !== null) emit('convo.assigned', conversation);
  }

  function move(conversation: Conversation, mailboxId: number, userId: number): void {
    if (conversation.mailboxId === mailboxId) return;
    const from = data.mailboxes.find(({ id }) => id === conversation.mailboxId)?.name ?? 'a deleted mailbox';
    conversation.mailboxId = mailboxId;
    threads.addLineItem(conversation, userId, `${by(userId)} moved conversation from ${from}`);
    emit('convo.moved', conversation);
  }

  function trash(conversation: Conversation, userId: number): void {
    if (conversation.state === 'deleted') return;
    conversation.state = 'deleted';
    threads.addLineItem(conversation, userId, `${by(userId)} deleted conversation`);
    emit('convo.deleted', conversation);
  }

  function restore(conversation: Conversation, userId: number): void {
    if (conversation.state !== 'deleted') return;
    conversation.state = 'published';
    threads.addLineItem(conversation, userId, `${by(userId)} restored conversation`);
    emit('convo.restored', conversation);
  }

  function deleteForever(conversation: Conversation): void {
    const index = data.conversations.indexOf(conversation);
    if (index < 0) return;
    emit('convo.deleted_forever', conversation);
    tags.replace(conversation, []);
    data.conversations.splice(index, 1);
  }

  /** Moves all threads into another conversation and the empty one to the trash. */
  function merge(conversation: Conversation, into: Conversation, userId: number): void {
    into.threads.push(...conversation.threads.splice(0));
    into.threads.sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id - b.id);
    threads.addLineItem(into, userId, `${by(userId)} merged with conversation #${conversation.id}`);
    threads.addLineItem(conversation, userId, `${by(userId)} merged into conversation #${into.id}`);
    trash(conversation, userId);
  }

  /** `PUT /conversations/{id}`: applies the keys in their order in the JSON; those before a rejected one stay applied. */
  function update(conversation: Conversation, input: Input): void {
    const author = () => {
      if (input.byUser === undefined || input.byUser === null)
        throw badField('byUser', 'byUser parameter is required.');
      const user = data.users.find(({ id }) => id === idOf(input.byUser));
      if (!user) throw badField('byUser', 'User not found.');
      return user.id;
    };
    const apply: Record<string, (value: unknown) => void> = {
      status: (value) => setStatus(conversation, statusOf(value), author()),
      assignTo: (value) => {
        const userId = author();
        const assignee = data.users.find(({ id }) => id === idOf(value));
        if (!assignee && value !== null && value !== -1) throw badField('assignTo', 'User not found.');
        assign(conversation, assignee?.id ?? null, userId);
      },
      mailboxId: (value) => {
        const userId = author();
        const mailbox = mailboxes().find(({ id }) => id === idOf(value));
        if (!mailbox) throw badField('mailboxId', 'Mailbox not found');
        move(conversation, mailbox.id, userId);
      },
      customerId: (value) => {
        const customer = data.customers.find(({ id }) => id === idOf(value));
        if (!customer) throw badField('customerId', 'Customer not found');
        conversation.customerId = customer.id;
        conversation.customerEmail = customer.emails[0] ?? '';
      },
      subject: (value) => {
        conversation.subject = [...(textOf(value) ?? '')].slice(0, 998).join('');
      },
    };
    for (const [name, value] of Object.entries(input)) apply[name]?.(value);
  }

  return {
    find: (id: number | null) => data.conversations.find((conversation) => conversation.id === id),
    setStatus,
    assign,
    move,
    trash,
    restore,
    deleteForever,
    merge,
    update,
  };
}
