import { TicketError } from '../port.ts';
import type { Author } from './author.ts';
import { conversationById } from './conversations.ts';
import type { FreeScoutApi } from './responses.ts';
import { fitHtml } from './text.ts';
import type { CallTerms } from './transport.ts';

/**
 * Adds an internal note. Its marker is an HTML comment, which FreeScout returns in the API but does not show. No status
 * is sent, so a note does not reopen a ticket.
 */
export async function addInternalNote(
  { api, author }: { api: FreeScoutApi; author: Author },
  id: number,
  note: { marker: string; html: string },
  call: CallTerms,
): Promise<void> {
  const body = {
    type: 'note',
    text: fitHtml(`${comment(note.marker)}${note.html}`),
    user: await author.id(call).catch((error: unknown) => {
      throw isNoUser(error) ? new TicketError('unavailable', error.message, { cause: error }) : error;
    }),
    imported: true,
  };
  try {
    await api.create({ method: 'POST', path: `conversations/${id}/threads`, body }, call);
  } catch (error) {
    // The user may have been deleted since it was looked up.
    if (error instanceof TicketError && error.httpStatus === 400) author.forget();
    throw error;
  }
}

/** An author may exist later: unlike a note that is rejected, this one is tried again. */
const isNoUser = (error: unknown): error is TicketError =>
  error instanceof TicketError && error.problem === 'rejected' && error.httpStatus === undefined;

/** Our notes start with a comment; notes of people do not. */
const OURS = /^<!-- [A-Za-z0-9:._-]+ -->/;
const REPLY_TYPES = ['customer', 'message', 'note'];

/** When a person last replied or added a note; null if nobody has since the ticket was opened. Our own notes do not count. */
export async function lastReply(api: FreeScoutApi, id: number, call: CallTerms): Promise<Date | null> {
  const threads = (await conversationById(api, id, 'threads', call))._embedded?.threads ?? [];
  const replies = threads
    // They are listed newest first; within one second only that order shows which came later.
    .toReversed()
    .filter(({ type, state }) => REPLY_TYPES.includes(type ?? '') && (state ?? 'published') === 'published')
    .flatMap(({ type, body, createdAt }) =>
      createdAt ? [{ at: createdAt, isOurs: type === 'note' && OURS.test(body ?? '') }] : [],
    )
    .sort((a, b) => a.at.getTime() - b.at.getTime());
  // The first one opened the ticket.
  return replies.slice(1).findLast(({ isOurs }) => !isOurs)?.at ?? null;
}

/** Whether the ticket has a note with exactly this marker. */
export async function hasInternalNote(
  api: FreeScoutApi,
  id: number,
  marker: string,
  call: CallTerms,
): Promise<boolean> {
  const threads = (await conversationById(api, id, 'threads', call))._embedded?.threads;
  if (!threads) throw new TicketError('unavailable', `FreeScout answered ticket ${id} without its threads.`);
  return threads.some(({ body }) => body?.includes(comment(marker)));
}

function comment(marker: string): string {
  // Replaces characters that could end the comment; the same marker always gives the same text.
  return `<!-- ${marker.replace(/[^A-Za-z0-9:._-]/g, '_').replace(/-{2,}/g, '-')} -->`;
}
