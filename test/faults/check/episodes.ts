import type { Severity } from '../../../machines/shared/protocol.ts';
import { groupBy } from '../../../src/lib/groupBy.ts';
import type { FinalState, Move } from '../finalState.ts';
import type { Ack, Ledger } from '../ledger.ts';
import type { Wait } from '../releaseWatch.ts';
import { type Violation, violation } from './verdict.ts';

/** One episode of an alert, derived from the emissions in its history. */
export interface Episode {
  key: string;
  n: number;
  from: number;
  /** Null while it is active. */
  until: number | null;
  /** Its service is flapping: a resolution does not end it, but only a long time without an outage. */
  flapping: boolean;
  /** Its severities and since when; they only rise. */
  severities: { from: number; severity: Severity }[];
}

export const worstOf = ({ severities }: Episode): Severity => severities.at(-1)?.severity ?? 'P3';

const RANK: Record<Severity, number> = { P1: 3, P2: 2, P3: 1 };
/** Instants come from two processes and are truncated to milliseconds. */
const TOLERANCE_MS = 2;
/** The transaction that takes an event that waited for a newer release is over by then. */
const TAKEN_WITHIN_MS = 10_000;

/** Replays the emissions with only the meaning of "firing", "resolved" and "flapping"; `checkFlapping` checks the last one. */
export function episodesOf(moves: readonly Move[]): Map<string, Episode[]> {
  const all = new Map<string, Episode[]>();
  for (const { key, type, severity, at, flapping } of moves) {
    const episodes = all.get(key) ?? [];
    all.set(key, episodes);
    const current = episodes.at(-1);
    if (type !== 'EMITTED') {
      if (current && current.until === null && current.flapping === (type === 'QUIET')) current.until = at;
    } else if (!current || current.until !== null) {
      episodes.push({
        key,
        n: episodes.length + 1,
        from: at,
        until: null,
        flapping,
        severities: [{ from: at, severity }],
      });
    } else if (RANK[severity] > RANK[worstOf(current)]) {
      current.severities.push({ from: at, severity });
    }
  }
  return all;
}

/**
 * Checks that each acknowledged emission was true at some moment between its request and the response, or until a newer
 * release took what an older one had left to it.
 */
export function checkEvents(facts: FinalState, ledger: Ledger): Violation[] {
  const episodes = episodesOf(facts.moves);
  const waits = groupBy(facts.releases.waits, ({ key }) => key);
  const found: Violation[] = [];
  for (const [key, acks] of groupBy(ledger.acks, ({ key }) => key)) {
    const own = episodes.get(key) ?? [];
    for (const ack of acks) {
      if (!tookEffect(ack, own, waits.get(key) ?? []))
        found.push(
          violation('lost_event', `${key} ${ack.status} ${ack.severity}, acknowledged at ${timeOf(ack.ackedAt)}`),
        );
    }
  }
  return [...found, ...checkActors(facts, ledger, episodes)];
}

function tookEffect({ status, severity, sentAt, ackedAt }: Ack, episodes: Episode[], waits: Wait[]): boolean {
  const from = sentAt - TOLERANCE_MS;
  const own = waits.filter((wait) => wait.from >= from && wait.from <= ackedAt + TOLERANCE_MS);
  const until = Math.max(ackedAt + TOLERANCE_MS, ...own.map((wait) => (wait.until ?? 0) + TAKEN_WITHIN_MS));
  if (status === 'firing') {
    return episodes.some(
      (episode) =>
        (episode.until ?? Number.POSITIVE_INFINITY) >= from &&
        episode.severities.some((step) => step.from <= until && RANK[step.severity] >= RANK[severity]),
    );
  }
  // It was inactive at some moment: before, between or after the episodes.
  const last = episodes.findLast((episode) => episode.from <= until);
  return last === undefined || last.from >= from || (last.until !== null && last.until <= until);
}

/** Checks that the state of each alert agrees with its history and with its sender. */
function checkActors(facts: FinalState, ledger: Ledger, episodes: Map<string, Episode[]>): Violation[] {
  const found = facts.repeatedRevisions.map((what) => violation('lost_update', `two transitions wrote ${what}`));
  const actors = new Map(facts.alerts.map((actor) => [actor.key, actor]));
  for (const [key, own] of episodes) {
    const actor = actors.get(key);
    const last = own.at(-1);
    if (!actor || !last) continue;
    const active = last.until === null;
    if (actor.active !== active || actor.episode !== own.length || actor.severity !== worstOf(last)) {
      const expected = `episode ${own.length}, ${active ? 'active' : 'over'}, ${worstOf(last)}`;
      const actual = `episode ${actor.episode}, ${actor.active ? 'active' : 'over'}, ${actor.severity}`;
      found.push(violation('lost_update', `${key} is ${actual}; its history says ${expected}`));
    }
  }
  for (const [key, { firing, severity, mayGetLost }] of ledger.expected) {
    if (mayGetLost) continue;
    const actor = actors.get(key);
    const agrees = actor ? actor.active === firing && (!firing || RANK[actor.severity] >= RANK[severity]) : !firing;
    if (!agrees)
      found.push(
        violation(
          'lost_event',
          `${key} is ${firing ? `firing ${severity}` : 'resolved'} at its sender but not in the console`,
        ),
      );
  }
  return found;
}

const timeOf = (at: number): string => new Date(at).toISOString().slice(11, 23);
