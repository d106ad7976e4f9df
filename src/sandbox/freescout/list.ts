import { digits } from './customerStore.ts';
import { fold, stamp } from './data.ts';
import { folderOf } from './entities.ts';
import { dateOf, type Input, idOf, textOf } from './jsonInput.ts';
import { isLike } from './like.ts';
import { CONVERSATION_TYPES, type Conversation, type FreeScoutData, STATES, STATUSES } from './model.ts';
import { normalizeTag } from './tagStore.ts';

/** `GET /conversations`: the rows that pass every filter. Unknown and invalid filters are ignored, so more rows are returned. */
export function filterConversations(data: FreeScoutData, input: Input, tagsModule: boolean): Conversation[] {
  const tests = [
    oneOf(input.mailboxId, (row) => String(row.mailboxId)),
    oneOf(input.status, (row) => row.status, STATUSES),
    oneOf(input.state, (row) => row.state, STATES),
    oneOf(input.type, (row) => row.type, CONVERSATION_TYPES),
    exactId(input.folderId, folderOf),
    exactId(input.customerId, (row) => row.customerId),
    exactId(input.number, (row) => row.id),
    idOrEmpty(input.assignedTo, (row) => row.assigneeId),
    idOrEmpty(input.createdByUserId, (row) => (row.createdBy.type === 'user' ? row.createdBy.id : null)),
    idOrEmpty(input.createdByCustomerId, (row) => (row.createdBy.type === 'customer' ? row.createdBy.id : null)),
    whenText(input.customerEmail, (email) => (row) => fold(row.customerEmail) === fold(email)),
    whenText(input.customerPhone, (phone) => (row) => phonesOf(data, row).some((own) => own.includes(digits(phone)))),
    whenText(input.subject, (subject) => (row) => isLike(row.subject, subject)),
    whenText(input.createdSince, (since) => notBefore(since, (row) => row.createdAt)),
    whenText(input.updatedSince, (since) => notBefore(since, (row) => row.updatedAt)),
    tagsModule ? whenText(input.tag, (tag) => (row) => row.tags.includes(normalizeTag(tag))) : null,
  ].filter((test) => test !== null);
  return data.conversations.filter((row) => tests.every((test) => test(row)));
}

type Test = (row: Conversation) => boolean;

/** A comma-separated list; unknown values are dropped, and a list without known values filters nothing. */
function oneOf(value: unknown, of: (row: Conversation) => string, known?: readonly string[]): Test | null {
  const words = (textOf(value) ?? '').split(',').map((word) => word.trim());
  const wanted = words.filter((word) => (known ? known.includes(word) : /^\d+$/.test(word)));
  return wanted.length === 0 ? null : (row) => wanted.includes(of(row));
}

function exactId(value: unknown, of: (row: Conversation) => number): Test | null {
  const wanted = idOf(value);
  return wanted === null ? null : (row) => of(row) === wanted;
}

/** Present but empty selects the rows without a value. */
function idOrEmpty(value: unknown, of: (row: Conversation) => number | null): Test | null {
  if (value === null) return (row) => of(row) === null;
  const wanted = idOf(value);
  return wanted === null ? null : (row) => of(row) === wanted;
}

function whenText(value: unknown, test: (text: string) => Test): Test | null {
  const text = textOf(value);
  return text === null ? null : test(text);
}

/** Throws on an invalid date, which becomes a 500. */
function notBefore(since: string, of: (row: Conversation) => string): Test {
  const from = stamp(dateOf(since));
  return (row) => of(row) >= from;
}

function phonesOf(data: FreeScoutData, row: Conversation): string[] {
  return (data.customers.find(({ id }) => id === row.customerId)?.phones ?? []).map(digits);
}

const SORT: Record<string, (row: Conversation) => string | number> = {
  createdAt: (row) => row.createdAt,
  updatedAt: (row) => row.updatedAt,
  waitingSince: (row) => row.updatedAt,
  subject: (row) => fold(row.subject),
  mailboxId: (row) => row.mailboxId,
  number: (row) => row.id,
};

/** Newest first unless the input says otherwise. The order of rows of the same second is undefined. */
export function sortConversations(rows: Conversation[], input: Input): Conversation[] {
  const key = SORT[textOf(input.sortField) ?? ''] ?? ((row: Conversation) => row.createdAt);
  const direction = input.sortOrder === 'asc' ? 1 : -1;
  return rows.toSorted((a, b) => {
    const [left, right] = [key(a), key(b)];
    return left === right ? 0 : (left < right ? -1 : 1) * direction;
  });
}

/** One page of the rows, and the page numbers in the format of the API. Throws on a negative size, as the real paginator does. */
export function paginate<T>(rows: T[], input: Input) {
  const asked = Number.parseInt(textOf(input.pageSize) ?? '', 10) || 50;
  if (asked < 0) throw new Error('LIMIT must not be negative');
  const number = Math.max(1, idOf(input.page) ?? 1);
  const page = {
    size: asked,
    totalElements: rows.length,
    totalPages: Math.max(1, Math.ceil(rows.length / asked)),
    number,
  };
  return { rows: rows.slice((number - 1) * asked, number * asked), page };
}
