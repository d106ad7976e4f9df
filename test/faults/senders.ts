import type { Severity } from '../../machines/shared/protocol.ts';
import { createBatchSender } from './batchSender.ts';
import { count, type ExpectedAlert, keyOf, type Ledger } from './ledger.ts';
import type { Incident, PlannedEpisode } from './planIncidents.ts';
import type { Random } from './random.ts';
import type { RoundTimer } from './roundTimer.ts';

/** The senders of alerts: each says what it holds to be true again and again, until it was heard. */
export interface Senders {
  /** Lives through one incident; ends with the stage at the latest, and leaves the alert as it is then. */
  perform(incident: Incident, stage: RoundTimer): Promise<void>;
  /** Repeats all that is active, as senders do, until the stage ends. */
  repeat(source: string, stage: RoundTimer): Promise<void>;
  /** Resolves an alert that an earlier round left open. */
  close(key: string): Promise<void>;
  /** Says once what is true of every alert that is active, and where it is asked for also of those that ended. */
  confirm(source: string, which: { ended: boolean }): Promise<void>;
}

export interface SenderDeps {
  webs: readonly string[];
  tokens: ReadonlyMap<string, string>;
  ledger: Ledger;
  random: Random;
  /** Resolves once a ticket was made for this incident after the instant. */
  ticketOf(n: number, since: number): Promise<void>;
}

const ANSWER_MS = 8_000;
const REPEAT_MS = 30_000;
const AT_ONCE = 500;
/** A sender that is not heard waits, and a little longer each time. */
const PAUSES_MS = [300, 700, 1_500, 3_000];

interface Emission {
  truth: ExpectedAlert;
  status: 'firing' | 'resolved';
  severity: Severity;
}

const currentState = (truth: ExpectedAlert): Emission => ({
  truth,
  status: truth.firing ? 'firing' : 'resolved',
  severity: truth.severity,
});

export function createSenders({ webs, tokens, ledger, random, ticketOf }: SenderDeps): Senders {
  /** The repetition under way, by source: an end is not said before it is over, or the two would overtake each other. */
  const repeating = new Map<string, Promise<void>>();
  const closing = new Set<string>();
  const batchSenders = new Map(
    [...tokens.keys()].map((source) => [
      source,
      createBatchSender<Emission>({ deliver: (said) => sendNow(source, said), atOnce: 4, most: 100 }),
    ]),
  );

  /** Together with whatever else the sender has to say at that moment. */
  const emit = async (source: string, said: Emission): Promise<void> => batchSenders.get(source)?.put(said);

  /** Says it until one of the processes took it. */
  async function sendNow(source: string, said: Emission[], first?: string): Promise<void> {
    const alerts = said.map(({ truth, status, severity }) => ({
      alert_id: truth.alertId,
      severity,
      status,
      title: truth.title,
    }));
    for (let web = first ?? random.pick(webs), tries = 0; ; web = random.pick(webs), tries += 1) {
      const sentAt = Date.now();
      if (await post(web, source, alerts)) {
        const ackedAt = Date.now();
        for (const { truth, status, severity } of said) {
          ledger.acks.push({ key: keyOf(source, truth.alertId), status, severity, sentAt, ackedAt });
        }
        return;
      }
      count(ledger.counts, 'emissions without an answer', said.length);
      const pause = PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] ?? 0;
      await new Promise((resolve) => setTimeout(resolve, random.between(0.6, 1.4) * pause));
    }
  }

  async function post(web: string, source: string, alerts: object[]): Promise<boolean> {
    try {
      const response = await fetch(`${web}/api/alerts`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${tokens.get(source)}`,
          accept: 'application/json',
          'content-type': 'application/json',
        },
        body: JSON.stringify({ source, alerts }),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      const body = await response.text();
      if (response.status < 500 && response.status !== 202)
        throw new TypeError(`intake answered ${response.status}: ${body}`);
      return response.status === 202;
    } catch (error) {
      if (error instanceof TypeError && error.message.startsWith('intake')) count(ledger.counts, error.message);
      return false;
    }
  }

  async function perform(incident: Incident, stage: RoundTimer): Promise<void> {
    const { source, alertId, n } = incident;
    const key = keyOf(source, alertId);
    for (const [index, life] of incident.episodes.entries()) {
      if (!(await stage.pause(life.gapMs))) return;
      const truth: ExpectedAlert = {
        source,
        alertId,
        severity: life.severity,
        title: `Fault ${n}/${index + 1}: it hurts`,
        firing: true,
      };
      closing.delete(key);
      ledger.expected.set(key, truth);
      count(ledger.counts, 'lives');
      if (!(await liveOn(truth, life, n, stage))) return;
      await close(key);
      if (life.lateMs !== null && (await stage.pause(life.lateMs))) await comeLate(truth, life);
    }
  }

  /** False where it stays open. */
  async function liveOn(truth: ExpectedAlert, life: PlannedEpisode, n: number, stage: RoundTimer): Promise<boolean> {
    const since = Date.now();
    const opening: Emission = { truth, status: 'firing', severity: life.severity };
    if (life.twice) await Promise.all(webs.map((web) => sendNow(truth.source, [opening], web)));
    else await emit(truth.source, opening);
    if (life.worse) {
      if (!(await stage.pause(life.worse.afterMs))) return false;
      truth.severity = life.worse.severity;
      await emit(truth.source, { truth, status: 'firing', severity: truth.severity });
    }
    if (life.end === 'open') return false;
    if (life.end === 'after_ticket' && truth.severity !== 'P3' && !(await stage.until(ticketOf(n, since))))
      return false;
    return stage.pause(life.lingerMs);
  }

  async function close(key: string): Promise<void> {
    const truth = ledger.expected.get(key);
    if (!truth?.firing) return;
    closing.add(key);
    await repeating.get(truth.source);
    truth.firing = false;
    await emit(truth.source, { truth, status: 'resolved', severity: truth.severity });
  }

  async function comeLate(truth: ExpectedAlert, { severity }: PlannedEpisode): Promise<void> {
    await emit(truth.source, { truth, status: 'firing', severity });
    count(ledger.counts, 'late events');
    await emit(truth.source, { truth, status: 'resolved', severity });
  }

  async function sayAll(source: string, said: Emission[]): Promise<void> {
    for (let from = 0; from < said.length; from += AT_ONCE) await sendNow(source, said.slice(from, from + AT_ONCE));
  }

  const truthsOf = (source: string) => [...ledger.expected.entries()].filter(([, truth]) => truth.source === source);

  return {
    perform,
    close,
    async repeat(source, stage) {
      while (await stage.pause(random.between(0.7, 1.3) * REPEAT_MS)) {
        const active = truthsOf(source).filter(([key, { firing }]) => firing && !closing.has(key));
        const round = sayAll(
          source,
          active.map(([, truth]) => currentState(truth)),
        );
        repeating.set(source, round);
        await round;
      }
    },
    confirm: (source, { ended }) =>
      sayAll(
        source,
        truthsOf(source)
          .filter(([, { firing }]) => firing || ended)
          .map(([, truth]) => currentState(truth)),
      ),
  };
}
