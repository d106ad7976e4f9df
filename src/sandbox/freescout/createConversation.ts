import type { Customers } from './customerStore.ts';
import { stamp, statusOf } from './data.ts';
import { dateOf, type Input, idOf, isRecord, listOf, textOf } from './jsonInput.ts';
import {
  CONVERSATION_TYPES,
  type Conversation,
  type Customer,
  type FreeScoutData,
  type Mailbox,
  STATES,
} from './model.ts';
import { badField, missing, Refusal } from './refusal.ts';
import type { Threads } from './threads.ts';

interface Deps {
  data: FreeScoutData;
  customers: Customers;
  threads: Threads;
  mailboxes: () => Mailbox[];
  now: () => Date;
}

// Real installations report an unreadable body as a missing subject, so the subject is checked first.
const REQUIRED = ['subject', 'type', 'mailboxId', 'customer', 'threads'];
const SUBJECT_LENGTH = 998;

/**
 * `POST /conversations`. When a later step fails, earlier ones are not undone: the customer stays. Only the conversation
 * itself is removed again when none of its threads could be added.
 */
export function conversationCreator(deps: Deps) {
  const { data, customers, mailboxes } = deps;
  return (input: Input, source: 'api' | 'web' = 'api'): Conversation => {
    for (const name of REQUIRED) if (!(name in input)) throw missing(name);
    const customer = customers.findOrAdd(input.customer);
    const mailbox = mailboxes().find(({ id }) => id === idOf(input.mailboxId));
    if (!mailbox) throw badField('mailboxId', 'Mailbox not found');
    const wanted = listOf(input.threads);
    if (wanted === null) throw badField('threads', '`threads` parameter must be an array');

    // The request lists the newest thread first; the table holds the oldest first.
    const oldestFirst = wanted.map((thread) => (isRecord(thread) ? thread : {})).reverse();
    const status = textOf(input.status) === null ? null : statusOf(input.status);
    const row = newConversation(deps, { input, source, customer, mailbox, status, first: oldestFirst[0] });
    data.conversations.push(row);
    addThreads(deps, row, oldestFirst, { source, status });
    if (row.status === 'closed' && row.imported && textOf(input.closedAt) !== null) {
      row.closedAt = stamp(dateOf(input.closedAt));
    }
    return row;
  };
}

interface Creation {
  input: Input;
  source: 'api' | 'web';
  customer: Customer;
  mailbox: Mailbox;
  status: Conversation['status'] | null;
  /** The oldest thread of the request. */
  first: Input | undefined;
}

function newConversation({ data, now }: Deps, creation: Creation): Conversation {
  const { input, source, customer, mailbox, status, first } = creation;
  const at = stamp(now());
  const firstUser = first?.type === 'message' || first?.type === 'note' ? first.user : null;
  const author = data.users.find(({ id }) => id === idOf(firstUser));
  data.lastId.conversation += 1;
  return {
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
    imported: input.imported === true || input.imported === 1 || input.imported === 'true',
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
}

/** Adds the threads that are valid. Removes the conversation and throws the last refusal when none is. */
function addThreads(
  { data, threads }: Deps,
  conversation: Conversation,
  oldestFirst: Input[],
  { source, status }: Pick<Creation, 'source' | 'status'>,
): void {
  let refused = badField('threads', '`threads` parameter is required');
  for (const thread of oldestFirst) {
    try {
      threads.add(conversation, thread, { source, status, creating: true });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused = error;
    }
  }
  if (conversation.threads.length > 0) return;
  data.conversations.splice(data.conversations.indexOf(conversation), 1);
  throw refused;
}
