/** The answer to a source that has used up its quota. */
export const OVER_QUOTA = 'This source has sent more requests than SOURCE_REQUESTS_PER_MINUTE allows. Try again later.';

/** Limits the requests of each source in this process, so that one sender cannot keep the others waiting. */
export interface SourceQuota {
  /** Counts one request. Returns the seconds after which the source may send again if it has sent too many, else null. */
  take(source: string): number | null;
}

interface Bucket {
  /** How many requests the source may still send at once. */
  left: number;
  at: number;
}

const MINUTE_MS = 60_000;
/** The local developer may name any source; beyond so many the oldest is forgotten. */
const MAX_SOURCES = 10_000;

/** `perMinute` requests may come at once, and as many more in each minute, evenly; 0: any number. */
export function createSourceQuota(perMinute: number, now: () => number = () => performance.now()): SourceQuota {
  const buckets = new Map<string, Bucket>();

  function current(source: string): Bucket {
    const at = now();
    const known = buckets.get(source);
    if (!known) return { left: perMinute, at };
    return { left: Math.min(perMinute, known.left + ((at - known.at) * perMinute) / MINUTE_MS), at };
  }

  return {
    take(source) {
      if (perMinute === 0) return null;
      const bucket = current(source);
      const isEnough = bucket.left >= 1;
      if (isEnough) bucket.left -= 1;
      buckets.delete(source);
      buckets.set(source, bucket);
      const [oldest] = buckets.keys();
      if (buckets.size > MAX_SOURCES && oldest !== undefined) buckets.delete(oldest);
      return isEnough ? null : Math.max(1, Math.ceil(((1 - bucket.left) * MINUTE_MS) / perMinute / 1_000));
    },
  };
}
