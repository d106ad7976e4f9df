import { allPages, type Rows } from './pages.ts';
import type { FreeScoutApi } from './responses.ts';
import { type Conversation, conversationSchema } from './schemas.ts';
import type { CallTerms } from './transport.ts';

/** Both statuses of an open ticket, as the API module takes them since 1.0.77. */
export const OPEN_STATUSES = 'active,pending';

export const isNotOpen = ({ status }: { status: string }): boolean => status !== 'active' && status !== 'pending';

/**
 * The rows that `list` returns for the open statuses; it must end at a row that is not open. An API module that ignores a
 * list of statuses returns every ticket that was ever closed, so it is asked for each status alone, which it understands.
 */
export async function listOpen(list: (status: string) => Promise<Rows<Conversation>>): Promise<Rows<Conversation>> {
  const together = await list(OPEN_STATUSES);
  if (together.complete || !together.rows.some(isNotOpen)) return together;
  const apart = await Promise.all([list('active'), list('pending')]);
  const rows = new Map(apart.flatMap((each) => each.rows).map((row) => [row.id, row]));
  return { rows: [...rows.values()], complete: apart.every(({ complete }) => complete) };
}

/**
 * Whether the API module ignores a list of statuses, as it did before 1.0.77, and so returns closed tickets where the open
 * ones are asked for. The oldest tickets are looked at, because those are closed. The API has no request for its version.
 */
export async function ignoresStatusLists(api: FreeScoutApi, mailboxId: number, call: CallTerms): Promise<boolean> {
  const query = {
    mailboxId,
    status: OPEN_STATUSES,
    state: 'published',
    sortField: 'number',
    sortOrder: 'asc',
  };
  const oldest = { name: 'conversations', query, pageSize: 50, maxPages: 1 } as const;
  const { rows } = await allPages(api, oldest, conversationSchema, call);
  return rows.some(isNotOpen);
}
