import { TicketError } from '../port.ts';
import { conversationById } from './conversations.ts';
import type { FreeScoutApi } from './responses.ts';
import { normalTag, tagsOf, tagsUnavailable } from './ticketRows.ts';
import type { CallTerms } from './transport.ts';

/**
 * Adds the tags that are missing and reads back that they hold. PUT replaces the whole set, so the tags that people
 * added go along with it; and it is left out where nothing is missing, because each PUT counts every tag once more.
 */
export async function addMissingTags(
  api: FreeScoutApi,
  id: number,
  tags: readonly string[],
  call: CallTerms,
): Promise<void> {
  const present = await tagsNow(api, id, call);
  const missing = lacking(present, tags);
  if (missing.length === 0) return;
  await api.write({ method: 'PUT', path: `conversations/${id}/tags`, body: { tags: [...present, ...missing] } }, call);
  const stillMissing = lacking(await tagsNow(api, id, call), tags);
  if (stillMissing.length > 0) {
    throw new TicketError('unavailable', `FreeScout did not keep ${stillMissing.join(', ')} on ticket ${id}.`);
  }
}

async function tagsNow(api: FreeScoutApi, id: number, call: CallTerms): Promise<string[]> {
  const tags = tagsOf(await conversationById(api, id, 'tags', call));
  if (tags === null) throw tagsUnavailable();
  return tags;
}

function lacking(present: readonly string[], tags: readonly string[]): string[] {
  return [...new Set(tags.map(normalTag))].filter((tag) => !present.includes(tag));
}
