import { groupBy } from '../../../src/lib/groupBy.ts';
import type { FinalState } from '../finalState.ts';
import type { Ledger } from '../ledger.ts';
import { episodesOf } from './episodes.ts';
import { type Violation, violation } from './verdict.ts';

export interface MessageCounts {
  openings: number;
  openingsFound: number;
  messages: number;
  /** Sent twice because Slack's response was lost. */
  doubles: number;
  notes: number;
  doubleNotes: number;
}

/** Checks that each episode has its opening message, and that messages and notes exist twice only after a lost response. */
export function checkMessages(facts: FinalState, ledger: Ledger): { violations: Violation[]; counts: MessageCounts } {
  const existing = new Set(facts.slack.map(({ ts }) => ts));
  const opened = new Set(
    facts.messages
      .filter(({ kind, phase, ts }) => kind === 'opened' && phase === 'sent' && ts !== null && existing.has(ts))
      .map(({ thread }) => thread),
  );
  const episodes = [...episodesOf(facts.moves).values()].flat();
  const missing = episodes.filter(({ key, n }) => !opened.has(`alert:${key}:${n}`));
  const repeatedMessages = repeatedMarkers(
    facts.slack.map(({ marker }) => marker),
    ledger.lost.messages,
  );
  // Notes of a merged ticket move to the other one, where the program does not look for them.
  const merged = new Set(ledger.ticketEdits.filter(({ what }) => what === 'merge').map(({ ticketId }) => ticketId));
  const notes = facts.freescout.flatMap(({ id, notes }) =>
    merged.has(id) ? [] : notes.flatMap((body) => /<!-- (.*?) -->/.exec(body)?.[1] ?? []),
  );
  const repeatedNotes = repeatedMarkers(notes, ledger.lost.notes);
  return {
    violations: [
      ...missing.map(({ key, n }) => violation('missing_message', `episode ${n} of ${key} has no opening message`)),
      ...repeatedMessages.unexplained.map((marker) =>
        violation('double_message', `message ${marker} exists twice, but no response was lost`),
      ),
      ...(merged.size > 0
        ? []
        : repeatedNotes.unexplained.map((marker) =>
            violation('double_note', `note ${marker} exists twice, but no response was lost`),
          )),
      ...missingNotes(facts, ledger),
    ],
    counts: {
      openings: episodes.length,
      openingsFound: episodes.length - missing.length,
      messages: facts.slack.length,
      doubles: repeatedMessages.count,
      notes: notes.length,
      doubleNotes: repeatedNotes.count,
    },
  };
}

function repeatedMarkers(
  markers: string[],
  lost: ReadonlyMap<string, number>,
): { count: number; unexplained: string[] } {
  const repeated = [...groupBy(markers, (marker) => marker)].filter(([marker, all]) => marker !== '' && all.length > 1);
  return {
    count: repeated.reduce((sum, [, all]) => sum + all.length - 1, 0),
    unexplained: repeated.filter(([marker, all]) => all.length - 1 > (lost.get(marker) ?? 0)).map(([marker]) => marker),
  };
}

/** A ticket that nobody edited must have a note about the end of its episode. */
function missingNotes(facts: FinalState, { ticketEdits }: Ledger): Violation[] {
  const edited = new Set(
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
      ticketId === null || !over.has(subjectKey) || edited.has(ticketId) ? undefined : freescout.get(ticketId);
    return ticket && !ticket.notes.some((body) => body.includes('Resolved at'))
      ? [violation('missing_note', `ticket ${ticketId} of ${subjectKey} has no note about the end of its episode`)]
      : [];
  });
}
