import { POST_WITHIN_MS, postWithinMs } from '../../src/tickets/doubtTimes.ts';
import type { Environment } from './environment.ts';
import { isLost } from './freescout.ts';
import type { Check } from './invariantNames.ts';
import { SETTINGS } from './processes.ts';
import type { FilingRow } from './tables.ts';

/** What must hold whenever a process sends a request for a ticket. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** From the commit of an attempt until its request is sent. */
const sendWithinMs = (path: FilingRow['path'] | undefined): number =>
  (path === 'investigate' ? POST_WITHIN_MS : postWithinMs(SETTINGS)) + 100;
/** From the search for an open ticket until the request is sent. */
export const CLICK_MS = 15 * SECOND;

/** From reading what suppresses a ticket until its attempt is committed, including a slow database. */
const HELD_MS = 1 * SECOND;

export function nothingHeld({ ledger }: Environment): Check {
  let seen = 0;
  return {
    step() {
      for (; seen < ledger.sends.length; seen++) {
        const { filingId, heldMs } = ledger.sends[seen] as (typeof ledger.sends)[number];
        if (heldMs > HELD_MS) return `${filingId} was posted although it had been suppressed for ${heldMs} ms`;
      }
      return null;
    },
  };
}

export function adoption(environment: Environment): Check {
  const { freescout, tables, ledger } = environment;
  let seen = 0;
  return {
    step() {
      for (; seen < ledger.sends.length; seen++) {
        const { filingId, at } = ledger.sends[seen] as (typeof ledger.sends)[number];
        if (tables.filings.get(filingId)?.subjectKey !== 'investigate:api:DOWN') continue;
        const existing = freescout.tickets.find(
          (ticket) =>
            isLost(ticket) &&
            ticket.state === 'open' &&
            !ticket.untagged &&
            ticket.createdAt < at - CLICK_MS &&
            ticket.createdAt > at - 60 * MINUTE + CLICK_MS,
        );
        if (existing) return `${filingId} was posted although ticket ${existing.id} was open for it`;
      }
      return null;
    },
  };
}

export function nothingUnwanted({ ledger, tables }: Environment): Check {
  let seen = 0;
  return {
    step() {
      for (; seen < ledger.sends.length; seen++) {
        const { filingId, at, begunAt, wanted } = ledger.sends[seen] as (typeof ledger.sends)[number];
        if (!wanted) return `${filingId} was posted although it was no longer wanted`;
        if (at - begunAt > sendWithinMs(tables.filings.get(filingId)?.path))
          return `${filingId} was posted ${at - begunAt} ms after its attempt had begun`;
      }
      return null;
    },
  };
}
