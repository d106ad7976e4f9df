import { TicketError } from '../port.ts';
import type { Author } from './author.ts';
import { conversationById } from './conversations.ts';
import type { FreeScoutApi } from './responses.ts';
import { fitHtml } from './text.ts';
import type { CallTerms } from './transport.ts';

/**
 * Adds an internal note. Its marker is an HTML comment, which FreeScout keeps in what the API answers and never shows.
 * No status is sent, so a note re-opens nothing.
 */
export async function addInternalNote(
  { api, author }: { api: FreeScoutApi; author: Author },
  id: number,
  note: { marker: string; html: string; mayExist: boolean },
  call: CallTerms,
): Promise<void> {
  const hidden = comment(note.marker);
  if (note.mayExist && (await noteExists(api, id, hidden, call))) return;
  const body = { type: 'note', text: fitHtml(`${hidden}${note.html}`), user: await author.id(call), imported: true };
  try {
    await api.create({ method: 'POST', path: `conversations/${id}/threads`, body }, call);
  } catch (error) {
    // The user may have been deleted since it was looked up.
    if (error instanceof TicketError && error.httpStatus === 400) author.forget();
    throw error;
  }
}

/** A note of ours begins with a comment, which people's notes do not. */
const OURS = /^<!-- [A-Za-z0-9:._-]+ -->/;
const REPLY_TYPES = ['customer', 'message', 'note'];

/** When somebody last said something; null where nothing was said since the ticket was opened. Notes of ours do not count. */
export async function lastReply(api: FreeScoutApi, id: number, call: CallTerms): Promise<Date | null> {
  const threads = (await conversationById(api, id, 'threads', call))._embedded?.threads ?? [];
  const said = threads
    // They come newest first, and within one second only their order tells.
    .toReversed()
    .filter(({ type, state }) => REPLY_TYPES.includes(type ?? '') && (state ?? 'published') === 'published')
    .flatMap(({ type, body, createdAt }) =>
      createdAt ? [{ at: createdAt, isOurs: type === 'note' && OURS.test(body ?? '') }] : [],
    )
    .sort((a, b) => a.at.getTime() - b.at.getTime());
  // The first is the opening itself.
  return said.slice(1).findLast(({ isOurs }) => !isOurs)?.at ?? null;
}

async function noteExists(api: FreeScoutApi, id: number, hidden: string, call: CallTerms): Promise<boolean> {
  const threads = (await conversationById(api, id, 'threads', call))._embedded?.threads;
  if (!threads) throw new TicketError('unavailable', `FreeScout answers ticket ${id} without its threads.`);
  return threads.some(({ body }) => body?.includes(hidden));
}

function comment(marker: string): string {
  // Nothing that could end the comment; the same marker always gives the same text.
  return `<!-- ${marker.replace(/[^A-Za-z0-9:._-]/g, '_').replace(/-{2,}/g, '-')} -->`;
}
