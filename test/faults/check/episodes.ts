import type { Severity } from '../../../machines/shared/protocol.ts';
import type { FinalState, Move } from '../finalState.ts';
import type { Ack, Ledger } from '../ledger.ts';
import { groupBy, type Violation, violation } from './verdict.ts';

/** One life of one alert, worked out from the order in which emissions moved it. */
export interface Episode {
  key: string;
  n: number;
  from: number;
  /** Null while it goes on. */
  until: number | null;
  /** How bad it was from which instant on; rises only. */
  severities: { from: number; severity: Severity }[];
}

export const worstOf = ({ severities }: Episode): Severity => severities.at(-1)?.severity ?? 'P3';

const RANK: Record<Severity, number> = { P1: 3, P2: 2, P3: 1 };
/** Instants come from two clocks of one machine, cut to milliseconds. */
const CUT_MS = 2;

/** Plays the emissions again, with nothing but the meaning of "firing" and "resolved". */
export function episodesOf(moves: readonly Move[]): Map<string, Episode[]> {
  const all = new Map<string, Episode[]>();
  for (const { key, type, severity, at } of moves) {
    const episodes = all.get(key) ?? [];
    all.set(key, episodes);
    const current = episodes.at(-1);
    if (type === 'RESOLVED') {
      if (current && current.until === null) current.until = at;
    } else if (!current || current.until !== null) {
      episodes.push({ key, n: episodes.length + 1, from: at, until: null, severities: [{ from: at, severity }] });
    } else if (RANK[severity] > RANK[worstOf(current)]) {
      current.severities.push({ from: at, severity });
    }
  }
  return all;
}

/** Whatever was acknowledged was true at some moment between the request and its answer. */
export function checkEvents(facts: FinalState, ledger: Ledger): Violation[] {
  const episodes = episodesOf(facts.moves);
  const found: Violation[] = [];
  for (const [key, acks] of groupBy(ledger.acks, ({ key }) => key)) {
    const own = episodes.get(key) ?? [];
    for (const ack of acks) {
      if (!tookEffect(ack, own))
        found.push(
          violation('lost_event', `${key} ${ack.status} ${ack.severity}, acknowledged at ${stamp(ack.ackedAt)}`),
        );
    }
  }
  return [...found, ...checkActors(facts, ledger, episodes)];
}

function tookEffect({ status, severity, sentAt, ackedAt }: Ack, episodes: Episode[]): boolean {
  const from = sentAt - CUT_MS;
  const until = ackedAt + CUT_MS;
  if (status === 'firing') {
    return episodes.some(
      (episode) =>
        (episode.until ?? Number.POSITIVE_INFINITY) >= from &&
        episode.severities.some((step) => step.from <= until && RANK[step.severity] >= RANK[severity]),
    );
  }
  // Inactive somewhere within: before, between or after the episodes.
  const last = episodes.findLast((episode) => episode.from <= until);
  return last === undefined || last.from >= from || (last.until !== null && last.until <= until);
}

/** The rows of the actors say the same as their history, and the same as what the senders hold to be true. */
function checkActors(facts: FinalState, ledger: Ledger, episodes: Map<string, Episode[]>): Violation[] {
  const found = facts.repeatedRevisions.map((what) => violation('lost_update', `two transitions of ${what}`));
  const actors = new Map(facts.alerts.map((actor) => [actor.key, actor]));
  for (const [key, own] of episodes) {
    const actor = actors.get(key);
    const last = own.at(-1);
    if (!actor || !last) continue;
    const active = last.until === null;
    if (actor.active !== active || actor.episode !== own.length || actor.severity !== worstOf(last)) {
      const said = `episode ${own.length}, ${active ? 'active' : 'over'}, ${worstOf(last)}`;
      const is = `episode ${actor.episode}, ${actor.active ? 'active' : 'over'}, ${actor.severity}`;
      found.push(violation('lost_update', `${key} is ${is}; its history says ${said}`));
    }
  }
  for (const [key, { firing, severity }] of ledger.expected) {
    const actor = actors.get(key);
    const isSo = actor ? actor.active === firing && (!firing || RANK[actor.severity] >= RANK[severity]) : !firing;
    if (!isSo)
      found.push(
        violation(
          'lost_event',
          `${key} is ${firing ? `firing ${severity}` : 'resolved'} and the console says otherwise`,
        ),
      );
  }
  return found;
}

const stamp = (at: number): string => new Date(at).toISOString().slice(11, 23);
