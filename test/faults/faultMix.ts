import type { Random } from './random.ts';

/** Which faults calls may suffer, and how often. */

export const CALL_FAULTS = [
  'slow', // waits, then does it
  'slow_answer', // does it, waits, answers
  'late_effect', // waits until the caller has hung up, then does it
  'error_before', // 5xx, nothing done
  'error_after', // does it, then 5xx
  'reset_before', // cuts the connection, nothing done
  'reset_after', // does it, then cuts the connection
  'hang_before', // never answers, nothing done
  'hang_after', // does it, never answers
  'half', // does it, answers half and cuts the connection
  'html_before', // a web page with status 200, nothing done
  'html_after', // does it, then a web page with status 200
  'rubbish_before', // JSON of another shape with status 200, nothing done
  'rubbish_after', // does it, then JSON of another shape with status 200
  'broken_json', // does it, then JSON that ends too early
  'redirect', // 302, nothing done
  'rate_limited', // 429 with Retry-After in seconds or as a date, nothing done
] as const;
export type CallFault = (typeof CALL_FAULTS)[number];

/** `normal`: during a round; `outage`: FreeScout accepts nothing; `off`: no faults. */
export type FaultLevel = 'normal' | 'outage' | 'off';

/** How many of a hundred calls suffer each fault. */
export type Odds = Readonly<Partial<Record<CallFault, number>>>;

export const FREESCOUT_CALLS = ['create', 'note', 'tag', 'look', 'read', 'list', 'check'] as const;
export type FreeScoutCall = (typeof FREESCOUT_CALLS)[number];
export const SLACK_CALLS = ['post', 'update', 'history', 'open'] as const;
export type SlackCall = (typeof SLACK_CALLS)[number];

const READING: Odds = {
  slow: 14,
  slow_answer: 10,
  error_before: 6,
  reset_before: 3,
  reset_after: 3,
  hang_before: 1,
  half: 3,
  html_before: 2,
  rubbish_before: 2,
  broken_json: 2,
  rate_limited: 2,
};
const WRITING: Odds = {
  slow: 10,
  slow_answer: 7,
  late_effect: 4,
  error_before: 6,
  error_after: 5,
  reset_before: 3,
  reset_after: 4,
  hang_before: 1,
  hang_after: 1,
  half: 2,
  html_before: 1,
  html_after: 1,
  rubbish_after: 1,
  rate_limited: 2,
};
/**
 * A create that certainly failed opens the circuit breaker of all processes for half a minute. Such faults therefore come
 * only in outages, so that the processes have time to work between them; at other times responses get lost.
 */
const CREATING: Odds = {
  slow: 11,
  slow_answer: 8,
  late_effect: 6,
  error_after: 5,
  reset_after: 5,
  hang_after: 2,
  half: 4,
  html_after: 2,
  rubbish_after: 3,
  broken_json: 2,
};
const CHECKING: Odds = { slow: 30, slow_answer: 18 };
const OUT: Odds = {
  error_before: 25,
  reset_before: 15,
  hang_before: 12,
  html_before: 10,
  rubbish_before: 5,
  redirect: 8,
  rate_limited: 10,
  error_after: 5,
  reset_after: 3,
  late_effect: 2,
};

export const FREESCOUT_ODDS: Record<Exclude<FaultLevel, 'off'>, Record<FreeScoutCall, Odds>> = {
  normal: {
    create: CREATING,
    note: WRITING,
    tag: WRITING,
    look: READING,
    read: READING,
    list: READING,
    check: CHECKING,
  },
  outage: { create: OUT, note: OUT, tag: OUT, look: OUT, read: OUT, list: OUT, check: OUT },
};

const POSTING: Odds = {
  slow: 4,
  slow_answer: 3,
  late_effect: 0.3,
  error_before: 2,
  error_after: 2,
  reset_before: 2,
  reset_after: 2,
  hang_after: 0.5,
  half: 1,
  html_before: 0.5,
  html_after: 0.5,
  rubbish_after: 0.5,
  broken_json: 0.5,
  rate_limited: 1.5,
};
const SLACK: Record<SlackCall, Odds> = { post: POSTING, update: POSTING, history: READING, open: READING };

/** There is no circuit breaker for Slack, so its odds are the same in an outage of FreeScout. */
export const SLACK_ODDS = { normal: SLACK, outage: SLACK };

/** Faults after which a call took effect and its caller cannot know. */
export const LOSES_THE_ANSWER: ReadonlySet<CallFault> = new Set([
  'late_effect',
  'error_after',
  'reset_after',
  'hang_after',
  'half',
  'html_after',
  'rubbish_after',
  'broken_json',
]);

/** Draws a fault, or null. */
export function drawn<Name extends string>(random: Random, odds: Readonly<Partial<Record<Name, number>>>): Name | null {
  const all = Object.values<number | undefined>(odds).reduce<number>((sum, weight) => sum + (weight ?? 0), 0);
  return random.next() * 100 < all ? random.weighted<Name>(odds) : null;
}
