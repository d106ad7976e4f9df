import { plainText } from '../safeHtml.ts';
import { threadsCount } from './data.ts';
import type { Conversation, Customer, FreeScoutData, Mailbox, PersonRef, Thread, User } from './model.ts';

export interface Embed {
  threads: boolean;
  tags: boolean;
}

/** The rows as JSON. Keys are in the order of the real responses. */
export function createEntities(data: FreeScoutData) {
  function person(ref: PersonRef | null) {
    if (ref === null) return null;
    if (ref.type === 'user') {
      const user = data.users.find(({ id }) => id === ref.id);
      if (!user) return null;
      const { id, firstName, lastName, email } = user;
      return { id, type: 'user', firstName, lastName, photoUrl: '', email };
    }
    const customer = data.customers.find(({ id }) => id === ref.id);
    if (!customer) return null;
    const { id, firstName, lastName, emails } = customer;
    return { id, type: 'customer', firstName: firstName ?? '', lastName, photoUrl: '', email: emails[0] ?? '' };
  }

  const userRef = (id: number | null): PersonRef | null => (id === null ? null : { type: 'user', id });

  function thread(row: Thread, conversation: Conversation) {
    return {
      id: row.id,
      type: row.type,
      status: row.status,
      state: row.state,
      action: { type: row.action === '' ? '' : 'changed', text: row.action, associatedEntities: [] },
      body: row.body,
      source: { type: row.source, via: row.createdBy.type },
      customer: person(row.customerId === null ? null : { type: 'customer', id: row.customerId }),
      createdBy: person(row.createdBy),
      assignedTo: person(userRef(conversation.assigneeId)),
      to: row.to,
      cc: row.cc,
      bcc: row.bcc,
      createdAt: row.createdAt,
      openedAt: null,
      _embedded: {
        attachments: row.attachments.map((file) => ({ ...file, fileUrl: `/storage/attachment/${file.id}` })),
      },
    };
  }

  /** Published threads only, newest first, line items included. */
  const publishedThreads = (row: Conversation) =>
    row.threads
      .filter((candidate) => candidate.state === 'published')
      .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt) || b.id - a.id);

  function waitingSince(row: Conversation) {
    const latest = row.threads.findLast(({ type }) => type === 'customer' || type === 'message');
    const isWaiting = latest?.type === 'customer' && row.status !== 'closed';
    return {
      time: isWaiting ? latest.createdAt : null,
      friendly: '',
      latestReplyFrom: latest === undefined ? '' : latest.type === 'customer' ? 'customer' : 'user',
    };
  }

  function conversation(row: Conversation, embed: Embed) {
    const threads = publishedThreads(row);
    return {
      id: row.id,
      number: row.id,
      threadsCount: threadsCount(row),
      type: row.type,
      folderId: folderOf(row),
      status: row.status,
      state: row.state,
      subject: row.subject,
      preview: plainText(threads.find(({ type }) => type !== 'lineitem')?.body ?? '').slice(0, 255),
      mailboxId: row.mailboxId,
      assignee: person(userRef(row.assigneeId)),
      createdBy: person(row.createdBy),
      createdAt: row.createdAt,
      updatedAt: row.updatedAt,
      closedBy: row.closedById,
      closedByUser: person(userRef(row.closedById)),
      closedAt: row.closedAt,
      userUpdatedAt: row.userUpdatedAt,
      customerWaitingSince: waitingSince(row),
      source: { type: row.source, via: row.createdBy.type },
      cc: row.cc,
      bcc: row.bcc,
      customer: person({ type: 'customer', id: row.customerId }),
      _embedded: {
        threads: embed.threads ? threads.map((candidate) => thread(candidate, row)) : [],
        ...(embed.tags && { tags: tagsOf(row) }),
      },
    };
  }

  const tagsOf = (row: Conversation) =>
    data.tags.filter((tag) => row.tags.includes(tag.name)).map(({ id, name }) => ({ id, name }));

  return { conversation, thread, customer, user, mailbox };
}
export type Entities = ReturnType<typeof createEntities>;

const FOLDERS = ['unassigned', 'assigned', 'drafts', 'closed', 'spam', 'deleted'];

/** Each mailbox has six folders; a conversation's state, status and assignee determine its folder. */
export function folderOf(row: Conversation): number {
  const closedOrSpam = row.status === 'closed' || row.status === 'spam' ? row.status : null;
  const notPublished = row.state === 'published' ? null : row.state === 'draft' ? 'drafts' : 'deleted';
  const name = notPublished ?? closedOrSpam ?? (row.assigneeId === null ? 'unassigned' : 'assigned');
  return (row.mailboxId - 1) * FOLDERS.length + FOLDERS.indexOf(name) + 1;
}

function customer(row: Customer) {
  return {
    id: row.id,
    firstName: row.firstName ?? '',
    lastName: row.lastName ?? '',
    jobTitle: '',
    company: '',
    photoType: 'unknown',
    photoUrl: '',
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    notes: '',
    _embedded: {
      emails: row.emails.map((value, index) => ({ id: row.id * 10 + index, value, type: 'home' })),
      phones: row.phones.map((value, index) => ({ id: index, value, type: 'work' })),
      social_profiles: [],
      websites: [],
      address: { city: '', state: '', zip: '', country: '', address: '' },
    },
  };
}

function user(row: User) {
  const { id, firstName, lastName, email, role } = row;
  const fixed = { alternateEmails: '', jobTitle: '', phone: '', timezone: 'UTC', photoUrl: '', language: 'en' };
  return { id, firstName, lastName, email, role, ...fixed, createdAt: FIRST_DAY, updatedAt: FIRST_DAY };
}

function mailbox(row: Mailbox) {
  return { id: row.id, name: row.name, email: row.email, createdAt: FIRST_DAY, updatedAt: FIRST_DAY };
}

const FIRST_DAY = '2026-01-01T00:00:00Z';
