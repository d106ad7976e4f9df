import { createBatchSender } from './batchSender.ts';
import { count, type ExpectedAlert, type Ledger } from './ledger.ts';
import type { Incident, PlannedEpisode } from './planIncidents.ts';
import type { Random } from './random.ts';
import type { RoundTimer } from './roundTimer.ts';
import { ONCE } from './sources.ts';
import type { Emission, Transport } from './transport.ts';

/** The senders of alerts, by their sources. */
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
  /** By source. */
  transports: ReadonlyMap<string, Transport>;
  /** How many processes take alerts. */
  webs: number;
  ledger: Ledger;
  random: Random;
  /** Resolves when a ticket was created for this incident after the instant. */
  ticketOf(n: number, since: number): Promise<void>;
}

const REPEAT_MS = 30_000;
const AT_ONCE = 500;

export function createSenders({ transports, webs, ledger, random, ticketOf }: SenderDeps): Senders {
  /** The repetition in progress, by source. A resolution waits for its end, or the two could overtake each other. */
  const repeating = new Map<string, Promise<void>>();
  const closing = new Set<string>();
  const batchSenders = new Map(
    [...transports].map(([source, transport]) => [
      source,
      createBatchSender<Emission, boolean>({
        deliver: (emissions) => transport.send(emissions),
        concurrency: transport.concurrency,
        batchSize: transport.batchSize,
      }),
    ]),
  );
  let lastInstant = 0;
  /** By the clock of the senders, which never says the same twice. */
  function now(): number {
    lastInstant = Math.max(Date.now(), lastInstant + 1);
    return lastInstant;
  }

  const transportOf = (source: string): Transport => {
    const transport = transports.get(source);
    if (!transport) throw new Error(`there is no sender ${source}`);
    return transport;
  };
  const firingEmission = (alert: ExpectedAlert, severity = alert.severity): Emission => ({
    ...{ alert, severity },
    ...{ status: 'firing', at: now() },
  });
  const resolvedEmission = (alert: ExpectedAlert): Emission => ({
    ...{ alert, severity: alert.severity },
    ...{ status: 'resolved', at: now() },
  });
  const currentState = (alert: ExpectedAlert): Emission =>
    alert.firing ? firingEmission(alert) : resolvedEmission(alert);

  /** Sends the emission together with others of that source. Resolves with whether it arrived. */
  const emit = async (source: string, emission: Emission): Promise<boolean> =>
    (await batchSenders.get(source)?.put(emission)) ?? false;

  async function perform({ source, alertId, n, episodes }: Incident, timer: RoundTimer): Promise<void> {
    const transport = transportOf(source);
    const key = transport.keyOf(alertId);
    for (const [index, episode] of episodes.entries()) {
      if (!(await timer.pause(episode.gapMs))) return;
      const alert: ExpectedAlert = {
        ...{ source, alertId, severity: episode.severity, title: `Fault ${n}/${index + 1}: injected` },
        ...{ firing: true, startsAt: now(), endsAt: null, mayGetLost: transport.mayGetLost },
      };
      closing.delete(key);
      ledger.expected.set(key, alert);
      count(ledger.counts, 'episodes');
      if (source === ONCE) count(ledger.counts, 'episodes of a sender that speaks once');
      if (!(await playEpisode({ alert, episode, n, transport }, timer))) return;
      await close(key);
      if (transport.isCareless && episode.lateMs !== null && (await timer.pause(episode.lateMs)))
        await sendLate(alert, episode);
    }
  }

  /** Plays one episode up to its end. Resolves with false when the alert keeps firing. */
  async function playEpisode(
    {
      alert,
      episode,
      n,
      transport,
    }: { alert: ExpectedAlert; episode: PlannedEpisode; n: number; transport: Transport },
    timer: RoundTimer,
  ): Promise<boolean> {
    const since = Date.now();
    const opening = firingEmission(alert);
    const arrived =
      episode.twice && transport.isCareless
        ? (await Promise.all(Array.from({ length: webs }, (_, web) => transport.send([opening], web)))).some(Boolean)
        : await emit(alert.source, opening);
    if (episode.worse && transport.escalates) {
      if (!(await timer.pause(episode.worse.afterMs))) return false;
      alert.severity = episode.worse.severity;
      await emit(alert.source, firingEmission(alert));
    }
    if (episode.end === 'open') return false;
    const waits = arrived && episode.end === 'after_ticket' && alert.severity !== 'P3';
    if (waits && !(await timer.until(ticketOf(n, since)))) return false;
    return timer.pause(episode.lingerMs);
  }

  async function close(key: string): Promise<void> {
    const alert = ledger.expected.get(key);
    if (!alert?.firing) return;
    closing.add(key);
    await repeating.get(alert.source);
    alert.firing = false;
    alert.endsAt = now();
    await emit(alert.source, resolvedEmission(alert));
  }

  async function sendLate(alert: ExpectedAlert, { severity }: PlannedEpisode): Promise<void> {
    await emit(alert.source, firingEmission(alert, severity));
    count(ledger.counts, 'late events');
    await emit(alert.source, resolvedEmission(alert));
  }

  async function sendAll(source: string, emissions: Emission[]): Promise<void> {
    for (let from = 0; from < emissions.length; from += AT_ONCE)
      await transportOf(source).send(emissions.slice(from, from + AT_ONCE));
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
