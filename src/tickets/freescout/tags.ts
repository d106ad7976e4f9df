import { TicketError } from '../port.ts';
import { conversationById } from './conversations.ts';
import type { FreeScoutApi } from './responses.ts';
import { normalTag, tagsOf, tagsUnavailable } from './ticketRows.ts';
import type { CallTerms } from './transport.ts';

/**
 * Adds the missing tags and verifies the result. PUT replaces the whole set, so it includes the tags that people added.
 * Nothing is written if no tag is missing, because each PUT increases FreeScout's usage counter of every tag.
 */
export async function addMissingTags(
  api: FreeScoutApi,
  id: number,
  tags: readonly string[],
  call: CallTerms,
): Promise<void> {
  const present = await tagsNow(api, id, call);
  const missing = missingFrom(present, tags);
  if (missing.length === 0) return;
  await api.write({ method: 'PUT', path: `conversations/${id}/tags`, body: { tags: [...present, ...missing] } }, call);
  const stillMissing = missingFrom(await tagsNow(api, id, call), tags);
  if (stillMissing.length > 0) {
    throw new TicketError('unavailable', `FreeScout did not save ${stillMissing.join(', ')} on ticket ${id}.`);
  }
}

async function tagsNow(api: FreeScoutApi, id: number, call: CallTerms): Promise<string[]> {
  const tags = tagsOf(await conversationById(api, id, 'tags', call));
  if (tags === null) throw tagsUnavailable();
  return tags;
}

function missingFrom(present: readonly string[], tags: readonly string[]): string[] {
  return [...new Set(tags.map(normalTag))].filter((tag) => !present.includes(tag));
}
