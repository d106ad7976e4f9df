import { groupBy } from '../../../src/lib/groupBy.ts';
import type { FinalState } from '../finalState.ts';
import type { ClickRecord, Create, Ledger } from '../ledger.ts';
import { undetectableTickets } from './undetectable.ts';
import { type Violation, violation } from './verdict.ts';

export interface ClickCounts {
  clicks: number;
  answered: number;
  withTicket: number;
  degraded: number;
  /** Refused because the service was healthy at that moment. */
  notDegraded: number;
  tickets: number;
  auditRows: number;
}

/** Edits after which a ticket is no longer open. */
const ENDS_IT = new Set(['close', 'trash', 'move', 'merge', 'delete']);
const DEDUP_MS = 3_600_000;
const HOUR_MS = 3_600_000;

/** Checks what operators were told: one click files, the others get the same ticket, and after a refusal nothing is filed. */
export function checkClicks(facts: FinalState, ledger: Ledger): { violations: Violation[]; counts: ClickCounts } {
  const undetectable = undetectableTickets(facts, ledger);
  const investigations = new Map(
    facts.filings.filter(({ path }) => path === 'investigate').map((filing) => [filing.marker, filing]),
  );
  const creates = ledger.creates.filter(
    ({ ticketId, marker }) => investigations.has(marker) && !undetectable.has(ticketId),
  );
  const answered = ledger.clicks.filter(({ status }) => status === 200);
  const withTicket = answered.filter(({ body }) => typeof body?.ticket_id === 'number');
  const rows = facts.audits.filter(({ action }) => action === 'console.status.ticket_filed');
  const surfaceOf = ({ marker }: Create) => investigations.get(marker)?.subjectKey.split(':')[1] ?? '';
  return {
    violations: [
      ...checkAnswers(withTicket, rows),
      ...checkRows(facts, rows),
      ...duplicates(creates, ledger),
      ...unrequestedTickets(creates, surfaceOf, ledger.clicks),
    ],
    counts: {
      clicks: ledger.clicks.length,
      answered: answered.length,
      withTicket: withTicket.length,
      degraded: answered.length - withTicket.length,
      notDegraded: ledger.clicks.filter(({ status }) => status === 409).length,
      tickets: creates.length,
      auditRows: rows.length,
    },
  };
}

function checkAnswers(withTicket: ClickRecord[], rows: FinalState['audits']): Violation[] {
  const audited = groupBy(rows, ({ payload }) => payload.ticket_id);
  return [...groupBy(withTicket, ({ body }) => body?.ticket_id)].flatMap(([ticketId, answers]) => {
    const first = answers.filter(({ body }) => body?.idempotent === false).length;
    const own = audited.get(ticketId)?.length ?? 0;
    return [
      ...(first > 1
        ? [violation('wrong_answer', `${first} clicks were told that ticket ${String(ticketId)} is new`)]
        : []),
      ...(own < answers.length
        ? [
            violation(
              'missing_audit',
              `${answers.length} clicks were answered with ticket ${String(ticketId)}, but it is in the audit log ${own} times`,
            ),
          ]
        : []),
    ];
  });
}

/** Of each ticket exactly one audit row says that it is new. */
function checkRows({ filings }: FinalState, rows: FinalState['audits']): Violation[] {
  const audited = groupBy(rows, ({ payload }) => payload.ticket_id);
  const filed = new Map(
    filings
      .filter(({ path, ticketId }) => path === 'investigate' && ticketId !== null)
      .map((filing) => [filing.ticketId, filing]),
  );
  const violations = [...filed].flatMap(([ticketId, { adopted }]) => {
    const own = audited.get(ticketId) ?? [];
    const isNew = own.filter(({ payload }) => payload.idempotent === false).length;
    if (own.length === 0) return [violation('missing_audit', `ticket ${ticketId} of a click is not in the audit log`)];
    return isNew === (adopted ? 0 : 1)
      ? []
      : [violation('wrong_audit', `ticket ${ticketId} of a click is new in ${isNew} audit rows`)];
  });
  for (const [ticketId] of audited)
    if (!filed.has(ticketId as number))
      violations.push(
        violation('wrong_audit', `ticket ${String(ticketId)} of a click is in the audit log but was never filed`),
      );
  return violations;
}

/**
 * A second ticket for the same status within an hour, by the clock of the database, is allowed only if the first was no
 * longer open.
 */
function duplicates(creates: Create[], { ticketEdits, clockHours }: Ledger): Violation[] {
  const shownMs = (from: number, until: number) =>
    until - from + HOUR_MS * clockHours.filter((step) => step.until >= from && step.from <= until).length;
  const endedAt = (ticketId: number) =>
    Math.min(...ticketEdits.filter((act) => act.ticketId === ticketId && ENDS_IT.has(act.what)).map(({ at }) => at));
  // The subject as it was sent names the status and the surface.
  return [...groupBy(creates, ({ subject }) => subject.replace(/AT-[0-9A-Z]{10}/, ''))].flatMap(([, same]) =>
    same.slice(1).flatMap((later, n) => {
      const open = same
        .slice(0, n + 1)
        .find(
          ({ ticketId, effectAt }) =>
            endedAt(ticketId) > later.receivedAt && shownMs(effectAt, later.effectAt) < DEDUP_MS,
        );
      return open
        ? [violation('duplicate_ticket', `a click filed ticket ${later.ticketId} while ${open.ticketId} was open`)]
        : [];
    }),
  );
}

/** When a ticket is posted, an operator must be waiting for it, or have been told that the outcome is unknown. */
function unrequestedTickets(
  creates: Create[],
  surfaceOf: (create: Create) => string,
  clicks: ClickRecord[],
): Violation[] {
  const bySurface = groupBy(clicks, ({ surfaceId }) => surfaceId);
  const isRefusal = ({ status, body }: ClickRecord) =>
    status === 409 || (body?.degraded === true && body.reason !== 'outcome_unknown');
  return creates.flatMap((create) => {
    const before = (bySurface.get(surfaceOf(create)) ?? []).filter(({ sentAt }) => sentAt <= create.receivedAt);
    const isWanted = before.some((click) => !isRefusal(click) || click.endedAt >= create.receivedAt);
    return isWanted
      ? []
      : [violation('unrequested_ticket', `ticket ${create.ticketId} was posted after all clicks had been refused`)];
  });
}
