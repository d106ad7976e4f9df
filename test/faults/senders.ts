import type { Severity } from '../../machines/shared/protocol.ts';
import { createBatchSender } from './batchSender.ts';
import { count, type ExpectedAlert, keyOf, type Ledger } from './ledger.ts';
import { withMalformed } from './malformedAlerts.ts';
import type { Incident, PlannedEpisode } from './planIncidents.ts';
import { postAlerts } from './postAlerts.ts';
import type { Random } from './random.ts';
import type { RoundTimer } from './roundTimer.ts';

/** The senders of alerts. Each repeats an emission until it is accepted. */
export interface Senders {
  /** Sends the emissions of one incident. Ends with the round at the latest and leaves the alert as it is then. */
  perform(incident: Incident, timer: RoundTimer): Promise<void>;
  /** Repeats all firing alerts until the round ends. */
  repeat(source: string, timer: RoundTimer): Promise<void>;
  /** Resolves an alert. */
  close(key: string): Promise<void>;
  /** Sends the present state of every firing alert once, with `ended` also that of the resolved ones. */
  confirm(source: string, which: { ended: boolean }): Promise<void>;
}

export interface SenderDeps {
  webs: readonly string[];
  tokens: ReadonlyMap<string, string>;
  ledger: Ledger;
  random: Random;
  /** Resolves when a ticket was created for this incident after the instant. */
  ticketOf(n: number, since: number): Promise<void>;
}

const REPEAT_MS = 30_000;
const AT_ONCE = 500;
/** Waits between attempts. */
const PAUSES_MS = [300, 700, 1_500, 3_000];

interface Emission {
  alert: ExpectedAlert;
  status: 'firing' | 'resolved';
  severity: Severity;
}

const currentState = (alert: ExpectedAlert): Emission => ({
  alert,
  status: alert.firing ? 'firing' : 'resolved',
  severity: alert.severity,
});

export function createSenders({ webs, tokens, ledger, random, ticketOf }: SenderDeps): Senders {
  /** The repetition in progress, by source. A resolution waits for its end, or the two could overtake each other. */
  const repeating = new Map<string, Promise<void>>();
  const closing = new Set<string>();
  const batchSenders = new Map(
    [...tokens.keys()].map((source) => [
      source,
      createBatchSender<Emission>({
        deliver: (emissions) => sendNow(source, emissions),
        concurrency: 4,
        batchSize: 100,
      }),
    ]),
  );

  /** Sends the emission together with others of that source. */
  const emit = async (source: string, emission: Emission): Promise<void> => batchSenders.get(source)?.put(emission);

  /** Repeats the request until one of the processes accepts it. */
  async function sendNow(source: string, emissions: Emission[], first?: string): Promise<void> {
    const { alerts, malformed } = withMalformed(
      emissions.map(({ alert, status, severity }) => ({
        alert_id: alert.alertId,
        severity,
        status,
        title: alert.title,
      })),
      random,
    );
    count(ledger.counts, 'malformed alerts', malformed.length);
    for (let web = first ?? random.pick(webs), tries = 0; ; web = random.pick(webs), tries += 1) {
      const sentAt = Date.now();
      const request = { web, source, token: tokens.get(source) ?? '', alerts, malformed };
      if (await postAlerts(request, ledger)) {
        const ackedAt = Date.now();
        for (const { alert, status, severity } of emissions) {
          ledger.acks.push({ key: keyOf(source, alert.alertId), status, severity, sentAt, ackedAt });
        }
        return;
      }
      count(ledger.counts, 'emissions without an answer', emissions.length);
      const pause = PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] ?? 0;
      await new Promise((resolve) => setTimeout(resolve, random.between(0.6, 1.4) * pause));
    }
  }

  async function perform(incident: Incident, timer: RoundTimer): Promise<void> {
    const { source, alertId, n } = incident;
    const key = keyOf(source, alertId);
    for (const [index, episode] of incident.episodes.entries()) {
      if (!(await timer.pause(episode.gapMs))) return;
      const alert: ExpectedAlert = {
        source,
        alertId,
        severity: episode.severity,
        title: `Fault ${n}/${index + 1}: injected`,
        firing: true,
      };
      closing.delete(key);
      ledger.expected.set(key, alert);
      count(ledger.counts, 'episodes');
      if (!(await playEpisode(alert, episode, n, timer))) return;
      await close(key);
      if (episode.lateMs !== null && (await timer.pause(episode.lateMs))) await sendLate(alert, episode);
    }
  }

  /** Plays one episode up to its end. Resolves with false when the alert keeps firing. */
  async function playEpisode(
    alert: ExpectedAlert,
    episode: PlannedEpisode,
    n: number,
    timer: RoundTimer,
  ): Promise<boolean> {
    const since = Date.now();
    const opening: Emission = { alert, status: 'firing', severity: episode.severity };
    if (episode.twice) await Promise.all(webs.map((web) => sendNow(alert.source, [opening], web)));
    else await emit(alert.source, opening);
    if (episode.worse) {
      if (!(await timer.pause(episode.worse.afterMs))) return false;
      alert.severity = episode.worse.severity;
      await emit(alert.source, { alert, status: 'firing', severity: alert.severity });
    }
    if (episode.end === 'open') return false;
    if (episode.end === 'after_ticket' && alert.severity !== 'P3' && !(await timer.until(ticketOf(n, since))))
      return false;
    return timer.pause(episode.lingerMs);
  }

  async function close(key: string): Promise<void> {
    const alert = ledger.expected.get(key);
    if (!alert?.firing) return;
    closing.add(key);
    await repeating.get(alert.source);
    alert.firing = false;
    await emit(alert.source, { alert, status: 'resolved', severity: alert.severity });
  }

  async function sendLate(alert: ExpectedAlert, { severity }: PlannedEpisode): Promise<void> {
    await emit(alert.source, { alert, status: 'firing', severity });
    count(ledger.counts, 'late events');
    await emit(alert.source, { alert, status: 'resolved', severity });
  }

  async function sendAll(source: string, emissions: Emission[]): Promise<void> {
    for (let from = 0; from < emissions.length; from += AT_ONCE)
      await sendNow(source, emissions.slice(from, from + AT_ONCE));
  }

  const alertsOf = (source: string) => [...ledger.expected.entries()].filter(([, alert]) => alert.source === source);

  return {
    perform,
    close,
    async repeat(source, timer) {
      while (await timer.pause(random.between(0.7, 1.3) * REPEAT_MS)) {
        const active = alertsOf(source).filter(([key, { firing }]) => firing && !closing.has(key));
        const round = sendAll(
          source,
          active.map(([, alert]) => currentState(alert)),
        );
        repeating.set(source, round);
        await round;
      }
    },
    confirm: (source, { ended }) =>
      sendAll(
        source,
        alertsOf(source)
          .filter(([, { firing }]) => firing || ended)
          .map(([, alert]) => currentState(alert)),
      ),
  };
}
