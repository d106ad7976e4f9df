import { TicketError } from '../port.ts';
import type { Author } from './author.ts';
import { allPages } from './pages.ts';
import type { FreeScoutApi } from './responses.ts';
import { mailboxSchema, tagSchema } from './schemas.ts';
import type { CallTerms } from './transport.ts';

/**
 * Checks API key and host, mailbox, Tags module and author of notes, all at once because an operator may be waiting.
 * Throws the first failure in this order. The mailbox is searched in the list, because the API has no request for a
 * single mailbox.
 */
export async function runPreflight(
  { api, author, mailboxId }: { api: FreeScoutApi; author: Author; mailboxId: number },
  call: CallTerms,
): Promise<void> {
  const answers = await Promise.allSettled([
    checkMailbox(api, mailboxId, call),
    allPages(api, { name: 'tags', query: {}, pageSize: 1, maxPages: 1 }, tagSchema, call),
    author.check(call),
  ]);
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
}

async function checkMailbox(api: FreeScoutApi, mailboxId: number, call: CallTerms): Promise<void> {
  const mailboxes = { name: 'mailboxes', query: {}, pageSize: 100, maxPages: 20 } as const;
  const { rows } = await allPages(api, mailboxes, mailboxSchema, call);
  if (rows.some(({ id }) => id === mailboxId)) return;
  throw new TicketError(
    'mailbox_not_found',
    `FreeScout lists no mailbox ${mailboxId}: FREESCOUT_OPERATIONS_MAILBOX_ID is wrong, or the mailbox was deleted.`,
  );
}
