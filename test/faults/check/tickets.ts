import { groupBy } from '../../../src/lib/groupBy.ts';
import type { FilingFact, FinalState } from '../finalState.ts';
import type { Ledger } from '../ledger.ts';
import { type Episode, episodesOf, worstOf } from './episodes.ts';
import { undetectableTickets } from './undetectable.ts';
import { type Violation, violation } from './verdict.ts';

export interface TicketCounts {
  episodes: number;
  /** Episodes that must have a ticket: they are active or their filing has one. */
  expected: number;
  found: number;
  duplicate: number;
  missing: number;
  untagged: number;
  /** Episodes without a ticket that ended before one was created. */
  endedBefore: number;
  /** See `undetectableTickets`. */
  undetectable: number;
  auditExpected: number;
  auditFound: number;
  /** Tags of people that the program overwrote because it set its own at the same moment. */
  lostTags: number;
}

/** Checks that each episode has exactly the tickets that it must have, with our tags and one audit row each. */
export function checkTickets(facts: FinalState, ledger: Ledger): { violations: Violation[]; counts: TicketCounts } {
  const undetectable = undetectableTickets(facts, ledger);
  const creates = ledger.creates.filter(({ ticketId }) => !undetectable.has(ticketId));
  const byMarker = new Map(facts.filings.map((filing) => [filing.marker, filing]));
  const known = new Set(facts.filings.flatMap(({ ticketId }) => (ticketId === null ? [] : [ticketId])));
  const violations: Violation[] = [];

  for (const { ticketId, marker, subject } of creates) {
    if (!byMarker.has(marker) || !known.has(ticketId)) {
      violations.push(violation('unknown_ticket', `ticket ${ticketId} "${subject}" exists, but no filing recorded it`));
    }
  }
  const created = groupBy(
    creates.filter(({ marker }) => byMarker.get(marker)?.path === 'alert'),
    ({ marker }) => byMarker.get(marker)?.subjectKey ?? '',
  );
  const episodes = [...episodesOf(facts.moves).values()].flat();
  const recorded = new Set(
    facts.filings.filter(({ ticketId }) => ticketId !== null).map(({ subjectKey }) => subjectKey),
  );
  let expected = 0;
  let found = 0;
  let endedBefore = 0;
  for (const episode of episodes) {
    const subjectKey = `alert:${episode.key}:${episode.n}`;
    const tickets = created.get(subjectKey) ?? [];
    const mustHaveTicket = recorded.has(subjectKey) || (episode.until === null && worstOf(episode) !== 'P3');
    if (mustHaveTicket) expected += 1;
    if (tickets.length > 0) found += 1;
    if (mustHaveTicket && tickets.length === 0)
      violations.push(violation('missing_ticket', `${subjectKey} ${worstOf(episode)} has no ticket`));
    if (!mustHaveTicket && tickets.length === 0 && worstOf(episode) !== 'P3') endedBefore += 1;
    if (tickets.length > 1) {
      const ids = tickets.map(({ ticketId }) => ticketId).join(', ');
      for (const _ of tickets.slice(1))
        violations.push(violation('duplicate_ticket', `${subjectKey} has tickets ${ids}`));
    }
  }
  violations.push(...unexplained(episodes, recorded, facts));
  const audit = checkAudit(
    facts,
    'console.alerts.ticket_filed',
    facts.filings.filter(({ path }) => path === 'alert'),
  );
  const tags = checkTags(facts, ledger);
  violations.push(...audit.violations, ...tags.violations);

  const of = (kind: Violation['kind']) => violations.filter((each) => each.kind === kind).length;
  return {
    violations,
    counts: {
      episodes: episodes.length,
      expected,
      found,
      endedBefore,
      duplicate: of('duplicate_ticket'),
      missing: of('missing_ticket'),
      untagged: of('untagged'),
      undetectable: undetectable.size,
      auditExpected: audit.expected,
      auditFound: audit.found,
      lostTags: tags.lost,
    },
  };
}

/** Each episode without a ticket must have an audit row with the reason. */
function unexplained(episodes: Episode[], recorded: ReadonlySet<string>, { audits }: FinalState): Violation[] {
  const skips = groupBy(
    audits.filter(({ action }) => action === 'console.alerts.ticket_skipped'),
    ({ payload }) => payload.alert_key,
  );
  return [...groupBy(episodes, ({ key }) => key)].flatMap(([key, own]) => {
    const without = own.filter(({ n }) => !recorded.has(`alert:${key}:${n}`)).length;
    const reasons = skips.get(key)?.length ?? 0;
    return reasons >= without
      ? []
      : [violation('unexplained', `${key} has ${without} episodes without a ticket, but ${reasons} reasons`)];
  });
}

/** Each recorded ticket must be in the audit log exactly once. */
function checkAudit(
  { audits }: FinalState,
  action: string,
  filings: FilingFact[],
): { violations: Violation[]; expected: number; found: number } {
  const rows = audits.filter((row) => row.action === action);
  const byTicket = groupBy(rows, ({ payload }) => payload.ticket_id);
  const filed = filings.filter(({ ticketId }) => ticketId !== null);
  const violations = filed.flatMap(({ ticketId, subjectKey }) => {
    const own = byTicket.get(ticketId) ?? [];
    if (own.length === 0)
      return [violation('missing_audit', `ticket ${ticketId} of ${subjectKey} is not in the audit log`)];
    if (own.length > 1)
      return [violation('wrong_audit', `ticket ${ticketId} of ${subjectKey} is in the audit log ${own.length} times`)];
    const key = String(own[0]?.payload.alert_key);
    return subjectKey.startsWith(`alert:${key}:`)
      ? []
      : [violation('wrong_audit', `the audit row of ticket ${ticketId} of ${subjectKey} names ${key}`)];
  });
  const ids = new Set<unknown>(filed.map(({ ticketId }) => ticketId));
  for (const [ticketId] of byTicket)
    if (!ids.has(ticketId))
      violations.push(violation('wrong_audit', `ticket ${String(ticketId)} is in the audit log but was never filed`));
  return { violations, expected: filed.length, found: rows.length };
}

/** A ticket must have exactly our tags; tags that people added must remain. */
function checkTags(
  { filings, freescout }: FinalState,
  { ticketEdits }: Ledger,
): { violations: Violation[]; lost: number } {
  const byId = new Map(freescout.map((ticket) => [ticket.id, ticket]));
  const violations: Violation[] = [];
  for (const { ticketId, path, subjectKey } of filings) {
    const ticket = ticketId === null ? undefined : byId.get(ticketId);
    if (!ticket) continue;
    const [what = '', detail = ''] = subjectKey.split(':');
    const wanted =
      path === 'investigate' ? ['auto:status', `auto:status:${detail}`] : [`auto:${what}`, `auto:${what}:${detail}`];
    const ours = ticket.tags.filter((tag) => tag.startsWith('auto:'));
    if (wanted.some((tag) => !ours.includes(tag)))
      violations.push(
        violation('untagged', `ticket ${ticketId} of ${subjectKey} has ${ours.join(' ') || 'none of our tags'}`),
      );
    else if (ours.length !== wanted.length)
      violations.push(violation('wrong_tags', `ticket ${ticketId} of ${subjectKey} has ${ours.join(' ')}`));
  }
  const lost = ticketEdits.filter(
    ({ ticketId, tag }) => tag !== null && byId.get(ticketId)?.tags.includes(tag) === false,
  ).length;
  return { violations, lost };
}
