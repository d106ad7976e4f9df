import type { Environment } from './environment.ts';
import { FLOOD } from './flood.ts';
import type { Check } from './invariantNames.ts';

/** How a note on a continued ticket begins. */
const BACK = 'Active again since';

export function rightTicket({ tables, freescout, ledger }: Environment): Check {
  let sends = 0;
  let audits = 0;
  const continued = new Set<number>();
  const ticketOf = (id: number) => freescout.tickets.find((ticket) => ticket.id === id);

  /** The tickets of the episodes that this filing's goes on with. */
  function ticketsBefore(filingId: string): number[] {
    const { actorId } = ledger.intents.get(filingId) ?? {};
    const subjectKey = tables.filings.get(filingId)?.subjectKey ?? '';
    if (!actorId || !subjectKey.startsWith('alert:')) return [];
    const episode = Number(subjectKey.slice(subjectKey.lastIndexOf(':') + 1));
    const earlier = ledger.episodes.before(actorId, episode).map((number) => `${actorId}:${number}`);
    return earlier.length === 0
      ? []
      : [...tables.filings.values()].flatMap(({ subjectKey: key, ticketId }) =>
          ticketId !== null && earlier.includes(key) ? [ticketId] : [],
        );
  }

  /** The newest of them that was in the audit log when the filing was intended. */
  function ticketToContinue(filingId: string): number | null {
    const rows = tables.audits.slice(0, ledger.intents.get(filingId)?.audits ?? 0);
    const known = ticketsBefore(filingId).filter((id) =>
      rows.some(({ action, payload }) => action === 'console.alerts.ticket_filed' && Number(payload.ticket_id) === id),
    );
    return known.length > 0 ? Math.max(...known) : null;
  }

  function whetherPosted(): string | null {
    for (; sends < ledger.sends.length; sends++) {
      const { filingId } = ledger.sends[sends] as (typeof ledger.sends)[number];
      const open = ticketOf(ticketToContinue(filingId) ?? 0);
      if (open?.state === 'open')
        return `${filingId} was posted although it goes on in ticket ${open.id}, which is open`;
    }
    return null;
  }

  function whetherContinued(): string | null {
    for (; audits < tables.audits.length; audits++) {
      const { action, payload } = tables.audits[audits] as (typeof tables.audits)[number];
      if (action !== 'console.alerts.ticket_continued') continue;
      const { alert_key, ticket_id } = payload as { alert_key: string; ticket_id: number };
      const intents = [...ledger.intents].filter(([, { actorId }]) => actorId === `alert:${alert_key}`);
      const [, intent] = intents.findLast(([filingId]) => ticketsBefore(filingId).includes(ticket_id)) ?? [];
      if (!intent) return `${alert_key} goes on in ticket ${ticket_id}, which belongs to no episode just before`;
      if ((ticketOf(ticket_id)?.endedAt ?? intent.at) < intent.at)
        return `${alert_key} goes on in ticket ${ticket_id}, which a person had closed`;
      continued.add(ticket_id);
    }
    return null;
  }

  return {
    step: () => whetherPosted() ?? whetherContinued(),
    atEnd() {
      const unnoted = [...continued].find((id) => {
        const ticket = ticketOf(id);
        return ticket?.state === 'open' && !ticket.texts.some(({ html }) => html.includes(BACK));
      });
      return unnoted === undefined ? null : `ticket ${unnoted} has no note that its alert is back`;
    },
  };
}

/** The program looks again every 30 s; the rest is for its calls. */
const SUSPICION_MS = 3 * 60_000 + 5_000;

export function shortSuspicion(environment: Environment): Check {
  const { clock, tables, ledger } = environment;
  return {
    step() {
      for (const id of tables.actors.keys()) {
        if (!id.startsWith(`alert:${FLOOD}:`)) continue;
        const value = environment.stateOf(id) as { ticket?: unknown } | undefined;
        const context = environment.alert(id);
        if (value?.ticket !== 'suspect' || !context) continue;
        const ms = clock.now() - Math.max(Date.parse(context.since), ledger.lastTroubleAt);
        if (ms > SUSPICION_MS) return `${id} has been suspected for ${ms} ms`;
      }
      return null;
    },
  };
}
