import { alertIdOf } from '../../../src/alerts/senders/readRequest.ts';
import { fetchWithin } from '../../../src/lib/fetchWithin.ts';
import { count, type ExpectedAlert, keyOf, type Ledger, type WebhookRecord } from '../ledger.ts';
import type { Random } from '../random.ts';
import type { Emission, Transport } from '../transport.ts';
import type { Address, WebhookPost } from './format.ts';
import { FORMATS, type SenderName } from './formats.ts';
import { RECORD, SENDER_TIMEOUT_MS } from './gateways.ts';
import { HABITS } from './habits.ts';

/** The share of deliveries beside which the sender also sends something that nobody can understand. */
const MALFORMED_SHARE = 0.1;
/** The share of groups that have alerts among them that nobody can use. */
const UNUSABLE_SHARE = 0.15;

type Says = Pick<WebhookRecord, 'says' | 'malformedAlerts' | 'isMalformed'>;

/** A sender that posts to its webhook, with its own format and its own habits. */
export function createWebhookTransport(options: {
  sender: SenderName;
  to: Address;
  gateways: readonly string[];
  ledger: Ledger;
  random: Random;
  malformedShare?: number;
}): Transport {
  const { sender, to, gateways, ledger, random, malformedShare = MALFORMED_SHARE } = options;
  const [format, habit] = [FORMATS[sender], HABITS[sender]];
  const keyOfAlert = (alertId: string): string =>
    keyOf(to.source, alertIdOf(format.identity({ alertId } as ExpectedAlert)));

  /** Tries until the request was accepted, or the sender gives up. */
  async function deliver(post: WebhookPost, says: Says, isResolution: boolean): Promise<boolean> {
    for (let tries = 1; ; tries += 1) {
      const { status, retryAfterMs } = await sendOnce(post, says);
      if (status !== null && status < 300) return true;
      count(ledger.counts, 'webhook requests without success');
      const inMs = habit.again({ status, retryAfterMs, tries, isResolution });
      if (inMs === null) {
        count(ledger.counts, 'webhook requests given up by their sender');
        return false;
      }
      await new Promise((resolve) => setTimeout(resolve, random.between(0.8, 1.2) * inMs));
    }
  }

  async function sendOnce(
    { method, path, headers, body }: WebhookPost,
    says: Says,
  ): Promise<{ status: number | null; retryAfterMs: number | null }> {
    const sentAt = Date.now();
    const record: WebhookRecord = { source: to.source, ...says, sentAt, endedAt: sentAt, outcome: 'unknown' };
    const n = ledger.webhooks.push(record) - 1;
    try {
      // An answer that breaks off is none.
      const { status, headers: answered } = await fetchWithin(SENDER_TIMEOUT_MS, `${random.pick(gateways)}${path}`, {
        method,
        headers: { ...headers, [RECORD]: String(n) },
        ...(method === 'GET' ? {} : { body }),
      });
      return { status, retryAfterMs: waitIn(answered) };
    } catch {
      return { status: null, retryAfterMs: null };
    }
  }

  async function sendMalformed(): Promise<void> {
    const says: Says = { says: [], malformedAlerts: 0, isMalformed: true };
    count(ledger.counts, 'malformed webhook requests');
    await deliver(format.malformed(to, random), says, true);
  }

  async function send(emissions: readonly Emission[]): Promise<boolean> {
    const unusable = habit.batchSize > 1 && random.chance(UNUSABLE_SHARE) ? random.whole(1, 3) : 0;
    const post = format.post(emissions, to, { random, unusable });
    const says: Says = {
      says: emissions.map(({ alert, status, severity }) => ({ key: keyOfAlert(alert.alertId), status, severity })),
      ...{ malformedAlerts: unusable, isMalformed: false },
    };
    const isResolution = emissions.every(({ status }) => status === 'resolved');
    const peers = Array.from({ length: habit.peers }, () => deliver(post, says, isResolution));
    const others = random.chance(malformedShare) ? [sendMalformed()] : [];
    const [arrived] = await Promise.all([Promise.all(peers), ...others]);
    return arrived.some(Boolean);
  }

  return {
    ...{ keyOf: keyOfAlert, send, isCareless: false },
    ...{ concurrency: habit.concurrency, batchSize: habit.batchSize },
    ...{ escalates: habit.escalates, mayGetLost: habit.mayGetLost },
  };
}

/** Seconds or a date. */
function waitIn(headers: Headers): number | null {
  const text = headers.get('retry-after');
  if (text === null) return null;
  const seconds = Number(text);
  return Math.max(0, Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(text) - Date.now());
}
