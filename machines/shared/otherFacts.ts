interface OtherFacts {
  details?: string | null;
  url?: string | null;
  surfaceId?: string | null;
}

/**
 * A short text that differs where the facts of an alert besides severity and title differ: what a ticket says can be
 * compared with what its sender says now, without keeping both. Pure.
 */
export function otherFactsOf({ details, url, surfaceId }: OtherFacts): string {
  // FNV-1a. Two different texts with one hash would only cost a note.
  let hash = 0x811c9dc5;
  for (const unit of JSON.stringify([details ?? null, url ?? null, surfaceId ?? null])) {
    hash = Math.imul(hash ^ (unit.codePointAt(0) ?? 0), 0x01000193);
  }
  return (hash >>> 0).toString(16);
}
