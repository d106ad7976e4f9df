import { fold } from './data.ts';
import type { Conversation, FreeScoutData, Tag } from './model.ts';

/** Width of the database column; longer names are truncated without an error. */
const COLUMN = 191;

/** The Tags module: names are trimmed and lower-cased, and not changed otherwise. */
export function createTags(data: FreeScoutData) {
  const byName = (name: string) => data.tags.find((tag) => fold(tag.name) === fold(name));

  function findOrAdd(name: string): Tag {
    const known = byName(name);
    if (known) return known;
    const stored = name.slice(0, COLUMN);
    // The look-up uses the whole name, but the column holds the truncated one: the unique index rejects it.
    if (byName(stored)) throw new Error(`Duplicate entry '${stored}' for key 'tags_name_unique'`);
    data.lastId.tag += 1;
    const tag = { id: data.lastId.tag, name: stored, counter: 0 };
    data.tags.push(tag);
    return tag;
  }

  function release(name: string): void {
    const tag = byName(name);
    if (!tag) return;
    tag.counter -= 1;
    if (tag.counter <= 0) data.tags.splice(data.tags.indexOf(tag), 1);
  }

  return {
    byName,
    /** Replaces the tags of a conversation with `names`. The counter increases even for tags that were set already. */
    replace(conversation: Conversation, names: string[]): void {
      const wanted = new Set<string>();
      for (const name of names.map(normalizeTag).filter(Boolean)) {
        const tag = findOrAdd(name);
        tag.counter += 1;
        wanted.add(tag.name);
      }
      for (const name of conversation.tags) if (!wanted.has(name)) release(name);
      conversation.tags = [...wanted];
    },
  };
}
export type Tags = ReturnType<typeof createTags>;

/** Trimmed, Unicode spaces included, and lower-cased. */
export function normalizeTag(name: string): string {
  return name.trim().toLowerCase();
}
