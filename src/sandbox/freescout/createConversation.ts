import type { Customers } from './customerStore.ts';
import { stamp, statusOf } from './data.ts';
import { dateOf, type Input, idOf, isRecord, listOf, textOf } from './jsonInput.ts';
import { CONVERSATION_TYPES, type Conversation, type FreeScoutData, type Mailbox, STATES } from './model.ts';
import { badField, missing, Refusal } from './refusal.ts';
import type { Threads } from './threads.ts';

interface Deps {
  data: FreeScoutData;
  customers: Customers;
  threads: Threads;
  mailboxes: () => Mailbox[];
  now: () => Date;
}

// An unread body is reported as a missing subject by real installations, so the subject is looked at first.
const REQUIRED = ['subject', 'type', 'mailboxId', 'customer', 'threads'];
const SUBJECT_LENGTH = 998;

/**
 * `POST /conversations`. Nothing is taken back where a later step fails, except the conversation itself
 * when none of its threads could be added: the customer stays.
 */
export function conversationCreator({ data, customers, threads, mailboxes, now }: Deps) {
  return (input: Input, source: 'api' | 'web' = 'api'): Conversation => {
    for (const name of REQUIRED) if (!(name in input)) throw missing(name);
    const customer = customers.findOrAdd(input.customer);
    const mailbox = mailboxes().find(({ id }) => id === idOf(input.mailboxId));
    if (!mailbox) throw badField('mailboxId', 'Mailbox not found');
    const wanted = listOf(input.threads);
    if (wanted === null) throw badField('threads', '`threads` parameter must be an array');

    const imported = input.imported === true || input.imported === 1 || input.imported === 'true';
    const status = textOf(input.status) === null ? null : statusOf(input.status);
    const at = stamp(now());
    // Newest first on the way in, oldest first in the table.
    const oldestFirst = wanted.map((thread) => (isRecord(thread) ? thread : {})).reverse();
    const firstUser =
      oldestFirst[0]?.type === 'message' || oldestFirst[0]?.type === 'note' ? oldestFirst[0].user : null;
    const author = data.users.find(({ id }) => id === idOf(firstUser));

    data.lastId.conversation += 1;
    const conversation: Conversation = {
      id: data.lastId.conversation,
      type: CONVERSATION_TYPES.find((type) => type === input.type) ?? 'email',
      mailboxId: mailbox.id,
      status: status ?? 'active',
      state: STATES.find((state) => state === input.state) ?? 'published',
      subject: [...(textOf(input.subject) ?? '')].slice(0, SUBJECT_LENGTH).join(''),
      customerId: customer.id,
      customerEmail: customer.emails[0] ?? '',
      assigneeId: data.users.find(({ id }) => id === idOf(input.assignTo))?.id ?? null,
      createdBy: author ? { type: 'user', id: author.id } : { type: 'customer', id: customer.id },
      source,
      imported,
      createdAt: textOf(input.createdAt) === null ? at : stamp(dateOf(input.createdAt)),
      updatedAt: at,
      userUpdatedAt: null,
      closedAt: null,
      closedById: null,
      cc: [],
      bcc: [],
      tags: [],
      threads: [],
    };
    data.conversations.push(conversation);

    let refused = badField('threads', '`threads` parameter is required');
    for (const thread of oldestFirst) {
      try {
        threads.add(conversation, thread, { source, status, creating: true });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        refused = error;
      }
    }
    if (conversation.threads.length === 0) {
      data.conversations.splice(data.conversations.indexOf(conversation), 1);
      throw refused;
    }
    if (conversation.status === 'closed' && imported && textOf(input.closedAt) !== null) {
      conversation.closedAt = stamp(dateOf(input.closedAt));
    }
    return conversation;
  };
}
