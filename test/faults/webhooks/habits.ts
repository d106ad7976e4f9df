import type { SenderName } from './formats.ts';

/** What a sender does with the answer to its request, and how it sends in the first place. */
export interface Habit {
  /** How many alerts one request has at most, and how many requests are on their way at a time. */
  batchSize: number;
  concurrency: number;
  /** How many instances send the same at the same moment. */
  peers: number;
  escalates: boolean;
  mayGetLost: boolean;
  /** After an answer that is not 2xx: milliseconds until the next try, or null if the sender gives up. */
  again(tried: Tried): number | null;
}

export interface Tried {
  /** Null: no whole answer. */
  status: number | null;
  retryAfterMs: number | null;
  /** How often it has tried so far. */
  tries: number;
  isResolution: boolean;
}

/** The group interval, much shorter than the five minutes of a real one. */
const NEXT_FLUSH_MS = 4_000;
/** The interval of the checks of Gatus. */
const NEXT_CHECK_MS = 3_000;

const isUnavailable = (status: number | null): boolean => status === null || status >= 500;
const backoff = (tries: number, mostMs: number): number => Math.min(mostMs, 300 * 2 ** tries);

/** It retries 5xx and lost connections until its next flush. A 4xx ends the flush; the next one says the same again. */
const flushes: Pick<Habit, 'escalates' | 'mayGetLost' | 'again'> = {
  escalates: false,
  mayGetLost: false,
  again: ({ status, tries }) => (isUnavailable(status) ? backoff(tries, NEXT_FLUSH_MS) : NEXT_FLUSH_MS),
};

/** A client that retries on 429 and 5xx, waits as it is told, and reports an error after so many tries. */
const client = (most: number): Omit<Habit, 'peers'> => ({
  batchSize: 1,
  concurrency: 8,
  escalates: true,
  mayGetLost: true,
  again({ status, retryAfterMs, tries }) {
    if (tries >= most || !(isUnavailable(status) || status === 429)) return null;
    return retryAfterMs ?? backoff(tries, 4_000);
  },
});

export const HABITS: Record<SenderName, Habit> = {
  alertmanager: { batchSize: 50, concurrency: 4, peers: 2, ...flushes },
  grafana: { batchSize: 20, concurrency: 4, peers: 1, ...flushes },
  // It speaks once.
  'uptime-kuma': {
    ...{ batchSize: 1, concurrency: 8, peers: 1 },
    ...{ escalates: false, mayGetLost: true, again: () => null },
  },
  // An alert is sent again at the next failing check, a resolution never.
  gatus: {
    ...{ batchSize: 1, concurrency: 8, peers: 1 },
    ...{ escalates: false, mayGetLost: true },
    again: ({ isResolution }) => (isResolution ? null : NEXT_CHECK_MS),
  },
  pagerduty: { peers: 1, ...client(6) },
  // An alias that is open keeps its priority at Opsgenie.
  opsgenie: { peers: 1, ...client(5), escalates: false },
  cloudevents: { peers: 1, ...client(8) },
  // `curl --retry 5 --retry-all-errors`.
  generic: { peers: 1, ...client(5) },
};
