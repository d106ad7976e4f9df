import type { Call } from '../calls.ts';
import { type CallFault, drawn, type Odds } from '../faultMix.ts';
import type { Ledger, WebhookRecord } from '../ledger.ts';
import { type FaultProxy, startFaultProxy } from '../proxy.ts';
import type { Random } from '../random.ts';

/** The network between webhook senders and the program: a fault proxy before each web process. */
export interface Gateways {
  /** In the order of the web processes. */
  urls: string[];
  proxies: FaultProxy[];
  stop(): Promise<void>;
}

/** Names the record of a request; the program neither reads nor stores it. */
export const RECORD = 'x-faults-record';
/** How long senders wait for an answer. */
export const SENDER_TIMEOUT_MS = 10_000;

const SENDING: Odds = {
  slow: 2,
  slow_answer: 2,
  late_effect: 0.7,
  error_before: 4,
  error_after: 3,
  reset_before: 4,
  reset_after: 4,
  hang_after: 0.7,
  half: 4,
  rate_limited: 3,
};
/** Faults that keep a request from the program. */
const KEPT_AWAY: ReadonlySet<CallFault> = new Set(['error_before', 'reset_before', 'rate_limited']);

export async function startGateways(options: {
  webs: readonly string[];
  ledger: Ledger;
  random: Random;
  isFaulty(): boolean;
  /** How many of a hundred requests suffer each fault. */
  odds?: Odds;
}): Promise<Gateways> {
  const { webs, ledger, random, isFaulty, odds = SENDING } = options;
  const proxies = await Promise.all(
    webs.map((target) =>
      startFaultProxy({
        ...{ target, callerTimeoutMs: SENDER_TIMEOUT_MS, isFaulty, roll: random.next },
        kindOf: () => 'webhook',
        draw: () => (isFaulty() ? drawn(random, odds) : null),
        onEnd: (call) => finish(ledger, call),
      }),
    ),
  );
  return {
    urls: proxies.map(({ url }) => url),
    proxies,
    stop: async () => void (await Promise.all(proxies.map((proxy) => proxy.stop()))),
  };
}

function finish(ledger: Ledger, call: Call): void {
  const record = ledger.webhooks[Number(call.headers[RECORD])];
  if (!record) return;
  record.endedAt = call.effectAt ?? Date.now();
  record.outcome = outcomeOf(call);
  const status = call.answer?.status ?? 0;
  // 408: the sender stood still while it sent.
  if (status >= 400 && status < 500 && status !== 408 && status !== 429)
    ledger.wrongRejections.push(
      `${record.source} was answered ${status}: ${call.answer?.body.toString().slice(0, 200)}`,
    );
}

function outcomeOf({ fault, answer, failure }: Call): WebhookRecord['outcome'] {
  if (fault !== null && KEPT_AWAY.has(fault)) return 'not_stored';
  if (answer === null) return failure === 'ECONNREFUSED' ? 'not_stored' : 'unknown';
  if (answer.status < 300) return 'stored';
  // After 5xx the database may still have stored it.
  return answer.status < 500 ? 'not_stored' : 'unknown';
}
