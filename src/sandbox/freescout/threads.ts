import type { Customers } from './customerStore.ts';
import { stamp, statusOf, threadsCount } from './data.ts';
import { dateOf, type Input, idOf, isRecord, listOf, textOf } from './jsonInput.ts';
import type {
  Attachment,
  Conversation,
  ConversationStatus,
  FreeScoutData,
  PersonRef,
  Thread,
  WebhookEvent,
} from './model.ts';
import { badField, missing } from './refusal.ts';

interface Deps {
  data: FreeScoutData;
  customers: Customers;
  now: () => Date;
  emit: (event: WebhookEvent, subject: Conversation) => void;
}

/** The origin of a thread. `status` is the status that a new conversation gives to all its threads. */
export interface ThreadOrigin {
  source: 'api' | 'web';
  status?: ConversationStatus | null;
  creating?: boolean;
}

const STATUS_BY_TYPE = { customer: 'active', message: 'pending', note: null } as const;
const REPLY_EVENT = {
  customer: 'convo.customer.reply.created',
  message: 'convo.agent.reply.created',
  note: 'convo.note.created',
} as const;

/** Messages, notes and line items of a conversation. */
export function createThreads({ data, customers, now, emit }: Deps) {
  function nextId(): number {
    data.lastId.thread += 1;
    return data.lastId.thread;
  }

  /** Adds a thread as described by the API's input; throws a Refusal before anything is written. */
  function add(conversation: Conversation, input: Input, origin: ThreadOrigin): Thread {
    for (const name of ['type', 'text']) if (!(name in input)) throw missing(name);
    const type = input.type === 'message' || input.type === 'note' ? input.type : 'customer';
    const createdBy = authorOf(conversation, type, input);
    const given = origin.status ?? (textOf(input.status) === null ? null : statusOf(input.status));
    const next = given ?? STATUS_BY_TYPE[type];
    const imported = conversation.imported || input.imported === true;
    // The real module uses the counter, so a conversation that has only notes always counts as new.
    const isNew = threadsCount(conversation) === 0;

    const thread: Thread = {
      id: nextId(),
      type,
      status: next ?? 'nochange',
      state: input.state === 'draft' ? 'draft' : 'published',
      action: '',
      body: textOf(input.text) ?? '',
      source: origin.source,
      createdBy,
      customerId: createdBy.type === 'customer' ? createdBy.id : conversation.customerId,
      to: addresses(input.to),
      cc: addresses(input.cc),
      bcc: addresses(input.bcc),
      createdAt: stamp(imported && textOf(input.createdAt) !== null ? dateOf(input.createdAt) : now()),
      imported,
      attachments: (listOf(input.attachments) ?? []).flatMap(attachment),
    };
    conversation.threads.push(thread);
    conversation.updatedAt = stamp(now());
    if (createdBy.type === 'user') conversation.userUpdatedAt = conversation.updatedAt;

    const before = conversation.status;
    if (thread.state === 'published') {
      if (next !== null) applyStatus(conversation, next, createdBy);
      if (type === 'customer' && given === null && conversation.state === 'deleted' && !origin.creating) {
        conversation.state = 'published';
      }
      emit(isNew ? 'convo.created' : REPLY_EVENT[type], conversation);
      if (!origin.creating && conversation.status !== before) emit('convo.status', conversation);
    }
    return thread;
  }

  function authorOf(conversation: Conversation, type: 'customer' | 'message' | 'note', input: Input): PersonRef {
    if (type === 'customer') {
      const named = isRecord(input.customer) ? customers.findOrAdd(input.customer).id : conversation.customerId;
      return { type: 'customer', id: named };
    }
    if (input.user === undefined || input.user === null) throw missing('user');
    const user = data.users.find(({ id }) => id === idOf(input.user));
    if (!user) throw badField('user', 'User not found.');
    return { type: 'user', id: user.id };
  }

  /** Sets a status and the fields that depend on it, without a line item. */
  function applyStatus(conversation: Conversation, status: ConversationStatus, by: PersonRef): void {
    if (status === conversation.status && (status === 'closed') === (conversation.closedAt !== null)) return;
    conversation.status = status;
    conversation.closedAt = status === 'closed' ? stamp(now()) : null;
    conversation.closedById = status === 'closed' && by.type === 'user' ? by.id : null;
  }

  /** Records a change in the thread list. It counts as an update, but not as a thread. */
  function addLineItem(conversation: Conversation, userId: number, text: string): void {
    const at = stamp(now());
    conversation.threads.push({
      id: nextId(),
      type: 'lineitem',
      status: conversation.status,
      state: 'published',
      action: text,
      body: '',
      source: 'web',
      createdBy: { type: 'user', id: userId },
      customerId: conversation.customerId,
      to: [],
      cc: [],
      bcc: [],
      createdAt: at,
      imported: false,
      attachments: [],
    });
    conversation.updatedAt = at;
    conversation.userUpdatedAt = at;
  }

  function attachment(value: unknown): Attachment[] {
    const file = isRecord(value) ? value : {};
    const fileName = textOf(file.fileName);
    const mimeType = textOf(file.mimeType);
    const data = textOf(file.data);
    // The real core rejects a `fileUrl` on a private address, and a sandbox could fetch from no other.
    if (fileName === null || mimeType === null || data === null || !/^[a-z0-9+/]+={0,2}$/i.test(data)) return [];
    return [{ id: nextId(), fileName, mimeType, size: Buffer.from(data, 'base64').length }];
  }

  return { add, addLineItem, applyStatus };
}
export type Threads = ReturnType<typeof createThreads>;

function addresses(value: unknown): string[] {
  return (listOf(value) ?? []).map(textOf).filter((address) => address !== null);
}
