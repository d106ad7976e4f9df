import type { FinalState } from '../finalState.ts';
import type { Ledger } from '../ledger.ts';
import { episodesOf } from './episodes.ts';
import { groupBy, type Violation, violation } from './verdict.ts';

export interface MessageCounts {
  openings: number;
  openingsFound: number;
  messages: number;
  /** Sent twice because Slack's own answer got lost. */
  doubles: number;
  notes: number;
  doubleNotes: number;
}

/** Each opening is told at least once; more often only where Slack's own answer got lost. Notes likewise. */
export function checkMessages(facts: FinalState, ledger: Ledger): { violations: Violation[]; counts: MessageCounts } {
  const standing = new Set(facts.slack.map(({ ts }) => ts));
  const opened = new Set(
    facts.messages
      .filter(({ kind, phase, ts }) => kind === 'opened' && phase === 'sent' && ts !== null && standing.has(ts))
      .map(({ thread }) => thread),
  );
  const episodes = [...episodesOf(facts.moves).values()].flat();
  const missing = episodes.filter(({ key, n }) => !opened.has(`alert:${key}:${n}`));
  const messages = doubles(
    facts.slack.map(({ marker }) => marker),
    ledger.lost.messages,
  );
  // A ticket that was merged takes its notes along, where the next look does not find them.
  const merged = new Set(ledger.ticketEdits.filter(({ what }) => what === 'merge').map(({ ticketId }) => ticketId));
  const notes = facts.freescout.flatMap(({ id, notes }) =>
    merged.has(id) ? [] : notes.flatMap((body) => /<!-- (.*?) -->/.exec(body)?.[1] ?? []),
  );
  const noted = doubles(notes, ledger.lost.notes);
  return {
    violations: [
      ...missing.map(({ key, n }) => violation('missing_message', `episode ${n} of ${key} was never told`)),
      ...messages.unexplained.map((marker) =>
        violation('double_message', `message ${marker} stands twice, and no answer got lost`),
      ),
      ...(merged.size > 0
        ? []
        : noted.unexplained.map((marker) =>
            violation('double_note', `note ${marker} stands twice, and no answer got lost`),
          )),
      ...missingNotes(facts, ledger),
    ],
    counts: {
      openings: episodes.length,
      openingsFound: episodes.length - missing.length,
      messages: facts.slack.length,
      doubles: messages.count,
      notes: notes.length,
      doubleNotes: noted.count,
    },
  };
}

function doubles(markers: string[], lost: ReadonlyMap<string, number>): { count: number; unexplained: string[] } {
  const repeated = [...groupBy(markers, (marker) => marker)].filter(([marker, all]) => marker !== '' && all.length > 1);
  return {
    count: repeated.reduce((sum, [, all]) => sum + all.length - 1, 0),
    unexplained: repeated.filter(([marker, all]) => all.length - 1 > (lost.get(marker) ?? 0)).map(([marker]) => marker),
  };
}

/** A ticket that nobody touched hears of the end of its episode. */
function missingNotes(facts: FinalState, { ticketEdits }: Ledger): Violation[] {
  const touched = new Set(
    ticketEdits.filter(({ what }) => what !== 'tag' && what !== 'rename').map(({ ticketId }) => ticketId),
  );
  const freescout = new Map(facts.freescout.map((ticket) => [ticket.id, ticket]));
  const over = new Set(
    [...episodesOf(facts.moves).values()]
      .flat()
      .flatMap(({ key, n, until }) => (until === null ? [] : [`alert:${key}:${n}`])),
  );
  return facts.filings.flatMap(({ subjectKey, ticketId }) => {
    const ticket =
      ticketId === null || !over.has(subjectKey) || touched.has(ticketId) ? undefined : freescout.get(ticketId);
    return ticket && !ticket.notes.some((body) => body.includes('Resolved at'))
      ? [violation('missing_note', `ticket ${ticketId} of ${subjectKey} does not say that it is over`)]
      : [];
  });
}
