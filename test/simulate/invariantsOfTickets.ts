import { tagsOf } from '../../src/tickets/ticketTags.ts';
import type { Environment } from './environment.ts';
import { FLOOD } from './flood.ts';
import { type FreeScoutTicket, isLost, POISONS } from './freescout.ts';
import type { Check } from './invariantNames.ts';
import { CLICK_MS } from './invariantsOfSends.ts';
import type { FilingRow } from './tables.ts';

const MINUTE = 60_000;
/** The sum of the time in doubt, a reminder to the circuit breaker, its next probe, and the longest pause of an effect. */
const IN_TIME_MS = 12 * MINUTE;
const SILENT_AFTER_MS = 60 * MINUTE;

const filingOf = ({ tables }: Environment, ticket: FreeScoutTicket): FilingRow | undefined =>
  [...tables.filings.values()].find(({ marker }) => ticket.subject.includes(marker));

/** A ticket that people have to deal with: of a filing with a stray one that has another by now, or whose stray one nobody adopts. */
const isLeftOver = (environment: Environment, ticket: FreeScoutTicket): boolean => {
  const filing = filingOf(environment, ticket);
  const isOfStray = environment.freescout.tickets.some(
    (other) => other.stray && filing !== undefined && other.subject.includes(filing.marker),
  );
  const hasOther = filing !== undefined && filing.ticketId !== null && filing.ticketId !== ticket.id;
  return isOfStray && (hasOther || filing?.path === 'umbrella' || ticket.state === 'trashed');
};

export function oneTicket(environment: Environment): Check {
  const { freescout, ledger, tables } = environment;
  let seen = 0;
  const floodTickets = (but: FilingRow): number =>
    [...tables.filings.values()].filter((row) => row !== but && row.source === FLOOD && row.ticketId !== null).length;
  return {
    step() {
      if (freescout.tickets.length === seen) return null;
      const created = freescout.tickets.slice(seen);
      seen = freescout.tickets.length;
      const existing = freescout.tickets.flatMap((ticket) => {
        const isCounted = ticket.state !== 'deleted' && !ticket.stray;
        const filing = isCounted ? filingOf(environment, ticket) : undefined;
        return filing ? [{ ticket, filing }] : [];
      });
      for (const ticket of created) {
        const filing = filingOf(environment, ticket);
        // Another one may have been filed in place of a stray one.
        if (isLost(ticket) || ticket.stray) continue;
        if (!filing) return `ticket ${ticket.id} belongs to no filing`;
        if (filing.source === FLOOD && ledger.flood.on && ledger.flood.even && floodTickets(filing) > 0)
          return `ticket ${ticket.id} is for another id of the alert that has one`;
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
    return freescout.tickets.some(
      (ticket) =>
        ticket.texts.some(({ at, html }) => at >= from && html.includes(`${alertKey}</code></li>`)) ||
        (ticket.createdAt >= from && isInOwnWords(ticket, alertKey)),
    );
  }

  /** A person wrote the text of this umbrella ticket, and decided whether it names the alert. */
  function isInOwnWords(ticket: FreeScoutTicket, alertKey: string): boolean {
    const request = filingOf(environment, ticket)?.request;
    return (
      request?.path === 'umbrella' &&
      request.words !== undefined &&
      request.members.some((member) => member.alertKey === alertKey)
    );
  }

  function wantsTicket(id: string): string | null {
    const context = environment.alert(id);
    if (!context?.active || context.severity === 'P3' || context.ticket) return null;
    const { alertKey, episode, title } = context;
    // A rejected ticket is a dead letter, until a person asks for it again.
    if (context.audited.includes('rejected') && !ledger.replayed.has(`${id} ${episode}`)) return null;
    const { poison } = freescout.state;
    if (poison === 'umbrella' || (poison !== null && POISONS[poison].test(title))) return null;
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
        (ticket) =>
          ticket.state !== 'deleted' && !audited.has(ticket.id) && !isLost(ticket) && !isLeftOver(environment, ticket),
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
        if (!filing || ticket.state === 'deleted' || ticket.untagged || isLeftOver(environment, ticket)) continue;
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
