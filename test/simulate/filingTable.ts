import type { Adoption } from '../../machines/shared/protocol.ts';
import type { NewIntent } from '../../src/tickets/filingIntents.ts';
import type { Filing, FilingStore } from '../../src/tickets/filingStore.ts';
import type { Calls } from './calls.ts';
import type { Owner } from './clock.ts';
import type { FilingRow, Tables } from './tables.ts';

/** The rules of `src/tickets/filingStore.ts`, with tables in memory. */

/** Throws when another intent for the same subject is open, as the unique index does. */
export function intend(
  tables: Tables,
  { filingId, actorId, subjectKey, source, deadlineAt, request, isWithdrawn = false }: NewIntent,
  now: number,
): void {
  const open = !isWithdrawn && [...tables.filings.values()].some((row) => row.subjectKey === subjectKey && isOpen(row));
  if (open || tables.filings.has(filingId)) throw new Error(`a second intent is open for ${subjectKey}`);
  tables.filings.set(filingId, {
    ...{ id: filingId, actorId, subjectKey, source, request, path: request.path },
    marker: `AT-${String(tables.filings.size + 1).padStart(10, '0')}`,
    ...{ phase: isWithdrawn ? 'withdrawn' : 'planned', withdrawn: isWithdrawn, attempts: 0 },
    ...{ ticketId: null, ticketUrl: null, adopted: false, refusal: null },
    ...{ createdAt: new Date(now), attemptedAt: null, admittedAt: null, filedAt: null },
    deadlineAt: deadlineAt === null ? null : Date.parse(deadlineAt),
  });
}

export function withdraw(tables: Tables, filingIds: string[]): void {
  for (const id of filingIds) {
    const row = tables.filings.get(id);
    if (!row || row.ticketId !== null) continue;
    row.withdrawn = true;
    if (row.phase === 'planned') row.phase = 'withdrawn';
  }
}

/** Tickets that were found for filings without one. */
export function adopt(tables: Tables, adoptions: readonly Adoption[]): void {
  for (const { filingId, ticket, filedAt } of adoptions) {
    const row = tables.filings.get(filingId);
    if (row?.ticketId !== null) continue;
    Object.assign(row, { phase: 'created', ticketId: ticket.id, ticketUrl: ticket.url, filedAt: Date.parse(filedAt) });
  }
}

const isOpen = ({ phase }: FilingRow): boolean => phase === 'planned' || phase === 'attempting';

const HOUR_MS = 60 * 60_000;
const MONTH_MS = 30 * 24 * HOUR_MS;

/** The store of one process. `onBegun` is called for each attempt when it is committed. */
export function createFilingTable(
  tables: Tables,
  { calls, owner, now, onBegun }: { calls: Calls; owner: Owner; now: () => number; onBegun: (row: FilingRow) => void },
): FilingStore {
  const shown = ({ actorId, subjectKey, attemptedAt, deadlineAt, admittedAt, filedAt, ...row }: FilingRow): Filing => ({
    ...row,
    sinceAttemptMs: attemptedAt === null ? null : now() - attemptedAt,
    leftMs: deadlineAt === null ? null : deadlineAt - now(),
  });
  /** Changes the row if `when` holds. */
  const update = (
    id: string,
    when: (row: FilingRow) => boolean,
    change: (row: FilingRow) => void,
  ): FilingRow | null => {
    const row = tables.filings.get(id);
    if (!row || !when(row)) return null;
    change(row);
    return row;
  };

  const close = ({ id, attempts }: Filing): boolean =>
    update(
      id,
      (is) => is.ticketId === null && (is.phase !== 'attempting' || is.attempts === attempts),
      (is) => Object.assign(is, { phase: 'withdrawn', withdrawn: true }),
    ) !== null;

  return {
    read: (id) =>
      calls.read(owner, () => {
        const row = tables.filings.get(id);
        return row ? shown(row) : null;
      }),

    readMany: (ids) => calls.read(owner, () => ids.flatMap((id) => tables.filings.get(id) ?? []).map(shown)),

    beginAttempt: ({ id, attempts }) =>
      calls.write(owner, () => {
        const row = update(
          id,
          (is) =>
            is.attempts === attempts &&
            isOpen(is) &&
            is.ticketId === null &&
            !is.withdrawn &&
            (is.deadlineAt === null || is.deadlineAt > now()),
          (is) =>
            Object.assign(is, { phase: 'attempting', attempts: is.attempts + 1, attemptedAt: now(), refusal: null }),
        );
        if (row) onBegun(row);
        return row && shown(row);
      }),

    takeBackAttempt: ({ id, attempts }) =>
      calls.write(owner, () => {
        update(
          id,
          (is) => is.attempts === attempts && is.phase === 'attempting',
          (is) => Object.assign(is, { phase: is.withdrawn ? 'withdrawn' : 'planned' }),
        );
      }),

    recordRefusal: (id, refusal) =>
      calls.write(owner, () => {
        update(
          id,
          (is) => is.phase === 'attempting',
          (is) => Object.assign(is, { refusal }),
        );
      }),

    recordTicket: (id, ticket) =>
      calls.write(owner, () => {
        update(
          id,
          (is) => is.ticketId === null && is.phase !== 'withdrawn',
          (is) =>
            Object.assign(is, {
              phase: 'created',
              ticketId: ticket.id,
              ticketUrl: ticket.url,
              filedAt: now(),
            }),
        );
      }),

    adopt: ({ id }, ticket) =>
      calls.write(owner, () => {
        const row = update(
          id,
          (is) => is.ticketId === null && is.phase === 'planned',
          (is) =>
            Object.assign(is, {
              phase: 'created',
              ticketId: ticket.id,
              ticketUrl: ticket.url,
              filedAt: ticket.createdAt.getTime(),
              adopted: true,
            }),
        );
        return row && shown(row);
      }),

    recordTagged: (id) =>
      calls.write(owner, () => {
        update(
          id,
          (is) => is.phase === 'created',
          (is) => Object.assign(is, { phase: 'tagged' }),
        );
      }),

    close: (filing) => calls.write(owner, () => close(filing)),

    closeMany: (filings) =>
      calls.write(owner, () => new Set(filings.filter((filing) => close(filing)).map(({ id }) => id))),

    recentlyFiled: (surfaceId, status) =>
      calls.read(owner, () => ({
        ticketIds: [...tables.filings.values()]
          .filter(
            ({ request, ticketId, filedAt }) =>
              request.path === 'investigate' &&
              request.surfaceId === surfaceId &&
              request.status === status &&
              ticketId !== null &&
              (filedAt ?? 0) > now() - HOUR_MS,
          )
          .sort((a, b) => (b.filedAt ?? 0) - (a.filedAt ?? 0))
          .map(({ ticketId }) => ticketId as number),
        hourAgo: new Date(now() - HOUR_MS),
        monthAgo: new Date(now() - MONTH_MS),
      })),

    // Only the console reads it.
    recordReuse: async () => {},

    isOurs: (ticketId) =>
      calls.read(owner, () => [...tables.filings.values()].some((row) => row.ticketId === ticketId)),
    lastCheck: () => calls.read(owner, () => null),
  };
}
