import type { EmissionRemark, EmissionState } from '../../model/alerts.ts';

/** Reports what senders get wrong: counted each time, and logged once an hour for each alert or source. */
export interface IrregularityReport {
  rejected(source: string, rejected: readonly EmissionRemark[]): void;
  taken(source: string, states: readonly EmissionState[]): void;
}

/** `rejected`, `severity_assumed` or `unknown_surface`. */
export type Irregularity = 'rejected' | 'severity_assumed' | 'unknown_surface';

const MESSAGES: Record<Irregularity, string> = {
  rejected: 'alert_aggregator: alerts rejected',
  severity_assumed: 'alert_aggregator: severity missing or unknown, one was assumed',
  unknown_surface: 'alert_aggregator: surface unknown, alert taken without it',
};
const LOG_EVERY_MS = 3_600_000;
const MAX_REMEMBERED = 20_000;
const MAX_NAMED = 10;

export function createIrregularityReport(deps: {
  warn: (facts: object, message: string) => void;
  count: (what: Irregularity, times: number) => void;
}): IrregularityReport {
  const loggedAt = new Map<string, number>();

  function isNew(what: Irregularity, subject: string): boolean {
    const key = `${what} ${subject}`;
    const now = performance.now();
    if (now - (loggedAt.get(key) ?? Number.NEGATIVE_INFINITY) < LOG_EVERY_MS) return false;
    if (loggedAt.size >= MAX_REMEMBERED) loggedAt.clear();
    loggedAt.set(key, now);
    return true;
  }

  function taken(what: 'severity_assumed' | 'unknown_surface', source: string, states: readonly EmissionState[]): void {
    const keys = states.filter((state) => state[what] === true).map(({ alert_key }) => alert_key);
    if (keys.length === 0) return;
    deps.count(what, keys.length);
    const fresh = keys.filter((key) => isNew(what, key));
    if (fresh.length === 0) return;
    deps.warn({ source, alerts: fresh.length, alert_keys: fresh.slice(0, MAX_NAMED) }, MESSAGES[what]);
  }

  return {
    rejected(source, rejected) {
      deps.count('rejected', rejected.length);
      const [first] = rejected;
      if (!first || !isNew('rejected', `${source} ${first.field}`)) return;
      deps.warn({ source, alerts: rejected.length, field: first.field, reason: first.message }, MESSAGES.rejected);
    },
    taken(source, states) {
      taken('severity_assumed', source, states);
      taken('unknown_surface', source, states);
    },
  };
}
