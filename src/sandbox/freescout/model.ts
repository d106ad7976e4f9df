/** The data of the sandbox FreeScout. Everything is plain JSON; dates are UTC as `2026-05-05T14:32:17Z`. */

export const STATUSES = ['active', 'pending', 'closed', 'spam'] as const;
export type ConversationStatus = (typeof STATUSES)[number];
export const STATES = ['published', 'draft', 'deleted'] as const;
export type ConversationState = (typeof STATES)[number];
export const CONVERSATION_TYPES = ['email', 'phone', 'chat'] as const;
export type ConversationType = (typeof CONVERSATION_TYPES)[number];
export type ThreadType = 'customer' | 'message' | 'note' | 'lineitem';

export interface PersonRef {
  type: 'user' | 'customer';
  id: number;
}

export interface Attachment {
  id: number;
  fileName: string;
  mimeType: string;
  size: number;
}

export interface Thread {
  id: number;
  type: ThreadType;
  status: ConversationStatus | 'nochange';
  state: 'published' | 'draft';
  /** The text of a line item; empty otherwise. */
  action: string;
  /** HTML as received. */
  body: string;
  source: 'api' | 'web';
  createdBy: PersonRef;
  customerId: number | null;
  to: string[];
  cc: string[];
  bcc: string[];
  createdAt: string;
  imported: boolean;
  attachments: Attachment[];
}

export interface Conversation {
  id: number;
  type: ConversationType;
  mailboxId: number;
  status: ConversationStatus;
  state: ConversationState;
  subject: string;
  customerId: number;
  /** The customer's main address at the time of filing; searches look here. */
  customerEmail: string;
  assigneeId: number | null;
  createdBy: PersonRef;
  source: 'api' | 'web';
  imported: boolean;
  createdAt: string;
  updatedAt: string;
  userUpdatedAt: string | null;
  closedAt: string | null;
  closedById: number | null;
  cc: string[];
  bcc: string[];
  /** Stored names: lower case, at most 191 characters. */
  tags: string[];
  /** Oldest first. */
  threads: Thread[];
}

export interface Customer {
  id: number;
  firstName: string | null;
  lastName: string | null;
  /** The first one is the main address. */
  emails: string[];
  phones: string[];
  createdAt: string;
  updatedAt: string;
}

export interface User {
  id: number;
  firstName: string;
  lastName: string;
  email: string;
  role: 'admin' | 'user';
}

export interface Mailbox {
  id: number;
  name: string;
  email: string;
}

export interface Tag {
  id: number;
  name: string;
  /** Increases with every write that names the tag, so it is not a count of conversations. */
  counter: number;
}

export interface Webhook {
  id: number;
  url: string;
  events: string[];
}

export interface FreeScoutData {
  mailboxes: Mailbox[];
  users: User[];
  customers: Customer[];
  conversations: Conversation[];
  tags: Tag[];
  webhooks: Webhook[];
  /** The latest id of each kind of row; ids are never reused. */
  lastId: { customer: number; conversation: number; thread: number; tag: number; webhook: number };
}

export const EVENTS = [
  'convo.assigned',
  'convo.created',
  'convo.deleted',
  'convo.deleted_forever',
  'convo.restored',
  'convo.moved',
  'convo.status',
  'convo.customer.reply.created',
  'convo.agent.reply.created',
  'convo.note.created',
  'customer.created',
  'customer.updated',
] as const;
export type WebhookEvent = (typeof EVENTS)[number];

/** The switches of the simulated server. On a working server only `tags_module` is on. */
export interface Conditions {
  tags_module: boolean;
  wrong_key: boolean;
  mailbox_deleted: boolean;
  maintenance: boolean;
  api_module_off: boolean;
}
