import { POST_WITHIN_MS, postWithinMs } from '../../src/tickets/doubtTimes.ts';
import { tagsOf } from '../../src/tickets/ticketTags.ts';
import type { Environment } from './environment.ts';
import type { FreeScoutTicket } from './freescout.ts';
import type { Check } from './invariantNames.ts';
import { SETTINGS } from './processes.ts';
import type { FilingRow } from './tables.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** The sum of the time in doubt, a reminder to the circuit breaker, its next probe, and the longest pause of an effect. */
const IN_TIME_MS = 12 * MINUTE;
const SILENT_AFTER_MS = 60 * MINUTE;
/** From the commit of an attempt until its request is sent. */
const sendWithinMs = (path: FilingRow['path'] | undefined): number =>
  (path === 'investigate' ? POST_WITHIN_MS : postWithinMs(SETTINGS)) + 100;
/** From the search for an open ticket until the request is sent. */
const CLICK_MS = 15 * SECOND;

const filingOf = ({ tables }: Environment, ticket: FreeScoutTicket): FilingRow | undefined =>
  [...tables.filings.values()].find(({ marker }) => ticket.subject.includes(marker));

export function oneTicket(environment: Environment): Check {
  const { freescout, ledger } = environment;
  let seen = 0;
  return {
    step() {
      if (freescout.tickets.length === seen) return null;
      const created = freescout.tickets.slice(seen);
      seen = freescout.tickets.length;
      const existing = freescout.tickets.flatMap((ticket) => {
        const filing = ticket.state === 'deleted' ? undefined : filingOf(environment, ticket);
        return filing ? [{ ticket, filing }] : [];
      });
      for (const ticket of created) {
        const filing = filingOf(environment, ticket);
        if (isLost(ticket)) continue;
        if (!filing) return `ticket ${ticket.id} belongs to no filing`;
        const others = existing.filter((other) => other.ticket !== ticket);
        const duplicate = others.find((other) => subjectOf(other.filing) === subjectOf(filing));
        if (duplicate) return `tickets ${duplicate.ticket.id} and ${ticket.id} are both for ${subjectOf(filing)}`;
        const sentAt = ledger.sends.findLast(({ filingId }) => filingId === filing.id)?.at ?? 0;
        const recent = others.find(
          (other) =>
            filing.path === 'investigate' &&
            other.filing.subjectKey === filing.subjectKey &&
            other.ticket.state === 'open' &&
            (other.filing.filedAt ?? other.ticket.createdAt) > sentAt - 60 * MINUTE + CLICK_MS,
        );
        if (recent)
          return `ticket ${ticket.id} was filed although ${recent.ticket.id} is open for ${filing.subjectKey}`;
      }
      return null;
    },
  };
}

/** Clicks on a surface share a subject key, so each round of clicks counts as a subject. */
const subjectOf = ({ id, path, subjectKey }: FilingRow): string => (path === 'investigate' ? id : subjectKey);

export function ticketInTime(environment: Environment): Check {
  const { clock, tables, freescout, ledger } = environment;
  const since = new Map<string, number>();

  function isNamed(alertKey: string, from: number): boolean {
    return freescout.tickets.some(({ texts }) =>
      texts.some(({ at, html }) => at >= from && html.includes(`${alertKey}</code></li>`)),
    );
  }

  function wantsTicket(id: string): string | null {
    const context = environment.alert(id);
    if (!context?.active || context.severity === 'P3' || context.ticket) return null;
    if (context.audited.includes('rejected')) return null;
    const { alertKey, episode } = context;
    if ((tables.sightings.get(alertKey) ?? 0) < clock.now() - SILENT_AFTER_MS + 2 * MINUTE) return null;
    return isNamed(alertKey, Date.parse(context.since)) ? null : `${id} ${episode}`;
  }

  return {
    step() {
      for (const id of tables.actors.keys()) {
        if (!id.startsWith('alert:')) continue;
        const wanted = wantsTicket(id);
        if (wanted === null) {
          since.delete(id);
          continue;
        }
        const from = Math.max(since.get(id) ?? clock.now(), ledger.lastTroubleAt);
        since.set(id, from);
        if (clock.now() - from > IN_TIME_MS)
          return `${id} is active and has no ticket: ${JSON.stringify(environment.stateOf(id))}`;
      }
      return null;
    },
  };
}

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

/** A ticket of a click of which no record exists. */
const isLost = ({ subject }: FreeScoutTicket): boolean => subject.startsWith('[AT-LOST');

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

export function oneAuditRow(environment: Environment): Check {
  const { tables, freescout } = environment;
  const audited = new Map<number, number>();
  let seen = 0;
  return {
    step() {
      for (; seen < tables.audits.length; seen++) {
        const { action, payload } = tables.audits[seen] as (typeof tables.audits)[number];
        if (!/\.(ticket|umbrella)_filed$/.test(action) || payload.idempotent === true) continue;
        const id = Number(payload.ticket_id);
        audited.set(id, (audited.get(id) ?? 0) + 1);
        if (audited.get(id) !== 1) return `ticket ${id} is in the audit log twice`;
        if (!freescout.tickets.some((ticket) => ticket.id === id))
          return `the audit log names ticket ${id}, which never existed`;
      }
      return null;
    },
    atEnd() {
      const missing = freescout.tickets.find(
        (ticket) => ticket.state !== 'deleted' && !audited.has(ticket.id) && !isLost(ticket),
      );
      return missing ? `ticket ${missing.id} (${missing.subject}) is not in the audit log` : null;
    },
  };
}

export function completeTags(environment: Environment): Check {
  return {
    atEnd() {
      for (const ticket of environment.freescout.tickets) {
        const filing = filingOf(environment, ticket);
        if (!filing || ticket.state === 'deleted' || ticket.untagged) continue;
        const missing = tagsOf(filing.request).filter((tag) => !ticket.tags.has(tag));
        if (missing.length > 0) return `ticket ${ticket.id} lacks ${missing.join(', ')}`;
      }
      return null;
    },
  };
}

/** Notes begin with their marker. */
export function oneNote({ freescout }: Environment): Check {
  return {
    step() {
      for (const { id, texts } of freescout.tickets) {
        const markers = texts.slice(1).map(({ html }) => html.slice(0, html.indexOf(' ')));
        const twice = markers.find((marker, n) => markers.indexOf(marker) < n);
        if (twice) return `ticket ${id} has the note ${twice} twice`;
      }
      return null;
    },
  };
}
