import type { Severity } from '../../machines/shared/protocol.ts';
import { count, type ExpectedAlert, keyOf, type Ledger } from './ledger.ts';
import { withMalformed } from './malformedAlerts.ts';
import { postAlerts } from './postAlerts.ts';
import type { Random } from './random.ts';

/** What a sender says about one of its alerts. */
export interface Emission {
  alert: ExpectedAlert;
  status: 'firing' | 'resolved';
  severity: Severity;
  /** By the sender's clock, never twice the same. */
  at: number;
}

/** How the alerts of one source reach the program. */
export interface Transport {
  /** The program's key for an alert of this source. */
  keyOf(alertId: string): string;
  /** How many requests are on their way at a time, and how many alerts one has. */
  concurrency: number;
  batchSize: number;
  /** Whether its senders send the same emission twice at the same moment, and an old one late. */
  isCareless: boolean;
  /** Whether an alert keeps its identity when its severity rises. */
  escalates: boolean;
  /** Whether the sender gives up at some point. */
  mayGetLost: boolean;
  /** Tries as the sender does. Resolves with whether the program has accepted them. `web`: which process is tried first. */
  send(emissions: readonly Emission[], web?: number): Promise<boolean>;
}

/** Waits between attempts. */
const PAUSES_MS = [300, 700, 1_500, 3_000];

/** `POST /api/alerts` by a sender that repeats a request until it is accepted. */
export function createApiTransport(options: {
  source: string;
  token: string;
  webs: readonly string[];
  ledger: Ledger;
  random: Random;
  /** Whether the sender says when it said something, so that a request that arrives late changes nothing. */
  tellsTime?: boolean;
}): Transport {
  const { source, token, webs, ledger, random, tellsTime = false } = options;

  return {
    keyOf: (alertId) => keyOf(source, alertId),
    concurrency: 4,
    batchSize: 100,
    isCareless: true,
    escalates: true,
    mayGetLost: false,
    async send(emissions, first) {
      const { alerts, malformed } = withMalformed(
        emissions.map(({ alert, status, severity, at }) => ({
          ...{ alert_id: alert.alertId, severity },
          ...{ status, title: alert.title },
          ...(tellsTime ? { at: new Date(at).toISOString() } : {}),
        })),
        random,
      );
      count(ledger.counts, 'malformed alerts', malformed.length);
      const chosen = first === undefined ? undefined : webs[first];
      for (let web = chosen ?? random.pick(webs), tries = 0; ; web = random.pick(webs), tries += 1) {
        const sentAt = Date.now();
        if (await postAlerts({ web, source, token, alerts, malformed }, ledger)) {
          const ackedAt = Date.now();
          for (const { alert, status, severity } of emissions) {
            ledger.acks.push({ key: keyOf(source, alert.alertId), status, severity, sentAt, ackedAt });
          }
          return true;
        }
        count(ledger.counts, 'emissions without an answer', emissions.length);
        const pause = PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] ?? 0;
        await new Promise((resolve) => setTimeout(resolve, random.between(0.6, 1.4) * pause));
      }
    },
  };
}
