import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { WEBHOOKS } from '../../db/channels.ts';
import type { Listener } from '../../db/listen.ts';
import { coalesce } from '../../lib/coalesce.ts';
import type { Intake } from '../intake/intake.ts';
import type { SourceSettings } from '../senders/sender.ts';
import { applyRequests } from './applyRequests.ts';
import { holdLease, type Lease, LeaseLost } from './lease.ts';
import { recordApplied } from './record.ts';
import { claimSource, type Finished, releaseSource, waitingRequests } from './store.ts';

/** Works on stored requests in any number of processes: one of them at a time on each source, so that order is kept. */
export interface WebhookConsumer {
  stop(): Promise<void>;
}

export interface ConsumerDeps {
  pool: Pool;
  intake: Intake;
  listener: Pick<Listener, 'on' | 'onReconnect'>;
  settingsOf: (source: string) => Promise<SourceSettings>;
  warn: (facts: object, message: string) => void;
  onFinished: (status: Finished['status'], times: number) => void;
  /** A process that died keeps its source for at most so long. */
  leaseSeconds?: number;
}

const LEASE_SECONDS = 15;
/** For requests whose notification was missed, and for those that are due for another try. */
const LOOK_EVERY_MS = 1_000;
/** Sources on which one process works at once, so that a busy one does not keep the others waiting. */
const SOURCES_AT_ONCE = 2;

export function startWebhookConsumer(deps: ConsumerDeps): WebhookConsumer {
  const { leaseSeconds = LEASE_SECONDS } = deps;
  let stopping = false;

  async function drain(): Promise<void> {
    while (!stopping) {
      const lease = randomUUID();
      const source = await claimSource(deps.pool, lease, leaseSeconds);
      if (source === null) return;
      const held = holdLease(deps.pool, { source, lease }, leaseSeconds);
      try {
        await workOn(deps, { source, lease }, held);
      } catch (error) {
        // Its new holder continues with the source.
        if (!(error instanceof LeaseLost)) throw error;
      } finally {
        held.end();
        await releaseSource(deps.pool, source, lease);
      }
    }
  }

  const lanes = Array.from({ length: SOURCES_AT_ONCE }, () =>
    coalesce(() =>
      drain().catch((error: unknown) => {
        if (!stopping) deps.warn({ err: error }, 'webhook requests could not be processed; will retry');
      }),
    ),
  );
  const look = () => Promise.all(lanes.map((lane) => lane()));
  const timer = setInterval(look, LOOK_EVERY_MS);
  const unsubscribe = [deps.listener.on(WEBHOOKS, look), deps.listener.onReconnect(look)];
  void look();

  return {
    async stop() {
      stopping = true;
      clearInterval(timer);
      for (const each of unsubscribe) each();
      await look();
    },
  };
}

/** One turn of a source: as many of its requests as fit into one transaction. Then another source has its turn. */
async function workOn(
  { pool, intake, settingsOf, onFinished }: ConsumerDeps,
  claim: { source: string; lease: string },
  lease: Lease,
): Promise<void> {
  const { source } = claim;
  const requests = await waitingRequests(pool, source);
  if (!requests[0]?.isDue) return;
  const applied = await applyRequests({ intake, lease }, requests, await settingsOf(source));
  const recorded = await recordApplied(pool, claim, applied);
  for (const status of ['done', 'dead', 'waiting'] as const) {
    const times = recorded.filter((each) => each.status === status).length;
    if (times > 0) onFinished(status, times);
  }
}
