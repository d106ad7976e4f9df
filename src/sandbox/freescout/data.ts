import { type Conversation, type ConversationStatus, type FreeScoutData, type PersonRef, STATUSES } from './model.ts';

export const SUPPORT_MAILBOX_ID = 1;
export const OPERATIONS_MAILBOX_ID = 2;
export const FIRST_USER_ID = 1;

/** The data of a new instance: two mailboxes, two operators, no tickets. */
export function newFreeScoutData(): FreeScoutData {
  return {
    mailboxes: [
      { id: SUPPORT_MAILBOX_ID, name: 'Support', email: 'support@desk.example' },
      { id: OPERATIONS_MAILBOX_ID, name: 'Operations', email: 'operations@desk.example' },
    ],
    users: [
      { id: FIRST_USER_ID, firstName: 'Olga', lastName: 'Operator', email: 'olga@desk.example', role: 'admin' },
      { id: 2, firstName: 'Sam', lastName: 'Support', email: 'sam@desk.example', role: 'user' },
    ],
    customers: [],
    conversations: [],
    tags: [],
    webhooks: [],
    lastId: { customer: 0, conversation: 0, thread: 0, tag: 0, webhook: 0 },
  };
}

/** A date in the format of the API, in whole seconds. */
export function stamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** Lower case and without accents, as the database compares text. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Any value other than the four exact names means active, so a typing error reopens a ticket. */
export function statusOf(word: unknown): ConversationStatus {
  return STATUSES.find((status) => status === word) ?? 'active';
}

/** Published messages of customers and operators; notes and line items do not count. */
export function threadsCount(conversation: Conversation): number {
  return conversation.threads.filter(
    (thread) => thread.state === 'published' && (thread.type === 'customer' || thread.type === 'message'),
  ).length;
}

/** First and last name of a user or customer, or the e-mail address when there is no name. */
export function nameOf(data: FreeScoutData, ref: PersonRef): string {
  const person = (ref.type === 'user' ? data.users : data.customers).find((candidate) => candidate.id === ref.id);
  if (!person) return 'Someone';
  const name = [person.firstName, person.lastName].filter(Boolean).join(' ');
  return name || ('emails' in person ? (person.emails[0] ?? 'Someone') : person.email);
}
