import type { IncomingMessage } from 'node:http';

/** The part of FreeScout's API that the program uses, in memory and without pages. It only has to be fast and always right. */

interface Conversation {
  id: number;
  number: number;
  subject: string;
  status: string;
  state: string;
  mailboxId: number;
  createdAt: string;
  updatedAt: string;
  assignee: null;
  customer: null;
  tags: string[];
  threads: { type: string; state: string; body: string; createdAt: string }[];
}

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export const OPERATIONS_MAILBOX_ID = 1;
const MARKER = /AT-[0-9A-Z]{10}/;

export function createFreeScoutStub(onCreated: (ticket: { id: number; subject: string }) => void) {
  const conversations = new Map<number, Conversation>();
  const byMarker = new Map<string, Conversation>();

  function create({ subject }: { subject: string }): Answer {
    const now = new Date().toISOString();
    const id = conversations.size + 1;
    const conversation: Conversation = {
      ...{ id, number: id, subject, status: 'active', state: 'published', mailboxId: OPERATIONS_MAILBOX_ID },
      ...{ createdAt: now, updatedAt: now, assignee: null, customer: null, tags: [], threads: [] },
    };
    conversations.set(id, conversation);
    byMarker.set(MARKER.exec(subject)?.[0] ?? '', conversation);
    onCreated({ id, subject });
    return { status: 201, body: { id }, headers: { 'resource-id': String(id) } };
  }

  function change(id: number, part: string, body: { tags?: string[]; type?: string; text?: string }): Answer {
    const conversation = conversations.get(id);
    if (!conversation) return { status: 404, body: { message: 'Not Found' } };
    conversation.updatedAt = new Date().toISOString();
    if (part === 'tags') {
      conversation.tags = body.tags ?? [];
      return { status: 204 };
    }
    const thread = { type: body.type ?? 'note', state: 'published', body: body.text ?? '' };
    conversation.threads.unshift({ ...thread, createdAt: conversation.updatedAt });
    return { status: 201, body: { id: 1_000_000 + conversation.threads.length } };
  }

  function list(query: URLSearchParams): Answer {
    const marker = query.get('subject');
    const since = query.get('createdSince') ?? '';
    const updatedSince = query.get('updatedSince') ?? '';
    const tag = query.get('tag');
    const candidates = marker === null ? [...conversations.values()] : [byMarker.get(marker) ?? []].flat();
    const found = candidates.filter(
      (each) => each.createdAt >= since && each.updatedAt >= updatedSince && (tag === null || each.tags.includes(tag)),
    );
    const key = query.get('sortField') === 'updatedAt' ? 'updatedAt' : 'number';
    found.sort((a, b) => (a[key] < b[key] ? -1 : a[key] > b[key] ? 1 : a.number - b.number));
    if (query.get('sortOrder') === 'desc') found.reverse();
    return { status: 200, body: rowsOf('conversations', found.map(shown), query) };
  }

  return {
    answer(request: IncomingMessage, body: string): Answer {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://stub');
      const [, , resource = '', id, part = ''] = pathname.split('/');
      const sent = body === '' ? {} : JSON.parse(body);
      if (resource === 'mailboxes') return one('mailboxes', OPERATIONS_MAILBOX_ID, searchParams);
      if (resource === 'users' || resource === 'tags') return one(resource, 1, searchParams);
      if (resource !== 'conversations') return { status: 404, body: { message: 'Not Found' } };
      if (id === undefined) return request.method === 'POST' ? create(sent) : list(searchParams);
      if (request.method !== 'GET') return change(Number(id), part, sent);
      const conversation = conversations.get(Number(id));
      return conversation
        ? { status: 200, body: shown(conversation) }
        : { status: 404, body: { message: 'Not Found' } };
    },
  };
}

const shown = ({ tags, threads, ...rest }: Conversation) => ({
  ...rest,
  _embedded: { tags: tags.map((name, n) => ({ id: n + 1, name })), threads },
});

const one = (name: string, id: number, query: URLSearchParams): Answer => ({
  status: 200,
  body: rowsOf(name, [{ id, name }], query),
});

function rowsOf(name: string, rows: unknown[], query: URLSearchParams) {
  const size = Number(query.get('pageSize') ?? 50);
  const number = Number(query.get('page') ?? 1);
  const totalPages = Math.max(1, Math.ceil(rows.length / size));
  return {
    _embedded: { [name]: rows.slice((number - 1) * size, number * size) },
    page: { size, totalElements: rows.length, totalPages, number },
  };
}
