import { allPages } from './pages.ts';
import type { FreeScoutApi } from './responses.ts';
import { conversationSchema } from './schemas.ts';
import type { CallTerms } from './transport.ts';

export const OPEN_STATUSES = ['active', 'pending'] as const;

export const isNotOpen = ({ status }: { status: string }): boolean => !OPEN_STATUSES.some((open) => open === status);

/**
 * Whether the API module ignores a list of statuses, as it did before 1.0.77, and so returns closed tickets where the open
 * ones are asked for. The oldest tickets are looked at, because those are closed. The API has no request for its version.
 */
export async function ignoresStatusLists(api: FreeScoutApi, mailboxId: number, call: CallTerms): Promise<boolean> {
  const query = {
    mailboxId,
    status: OPEN_STATUSES.join(','),
    state: 'published',
    sortField: 'number',
    sortOrder: 'asc',
  };
  const oldest = { name: 'conversations', query, pageSize: 50, maxPages: 1 } as const;
  const { rows } = await allPages(api, oldest, conversationSchema, call);
  return rows.some(isNotOpen);
}
