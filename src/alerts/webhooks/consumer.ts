import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { type AuditEntry, appendAudit } from '../../audit/auditLog.ts';
import { WEBHOOKS } from '../../db/channels.ts';
import type { Listener } from '../../db/listen.ts';
import { transaction } from '../../db/pool.ts';
import { coalesce } from '../../lib/coalesce.ts';
import { alertKeyOf } from '../emission.ts';
import type { Intake } from '../intake/intake.ts';
import type { StoredNotice } from '../senders/readRequest.ts';
import type { SourceSettings } from '../senders/sender.ts';
import { applyRequests } from './applyRequests.ts';
import { holdLease, type Lease, LeaseLost } from './lease.ts';
import {
  claimSource,
  discardOldestDead,
  type Finished,
  finishRequests,
  releaseSource,
  waitingRequests,
} from './store.ts';

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
        // Its new holder goes on with the source.
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
  const { finished, notices, dead } = await applyRequests({ intake, lease }, requests, await settingsOf(source));
  const recorded = await transaction(pool, async (client) => {
    if (!(await finishRequests(client, claim, finished))) return false;
    const discarded = dead.length > 0 ? await discardOldestDead(client, source) : 0;
    await appendAudit(client, [
      ...notices.map(({ request, notice }) => auditOf(source, request, notice)),
      ...dead.map(({ id, reason, message }) => ({
        action: 'console.webhooks.not_understood',
        payload: { source, request_id: id, reason, message },
        actor: `sender ${source}`,
      })),
      ...(discarded === 0
        ? []
        : [
            {
              action: 'console.webhooks.discarded',
              payload: { source, requests: discarded },
              actor: `sender ${source}`,
            },
          ]),
    ]);
    return true;
  });
  if (!recorded) return;
  for (const status of ['done', 'dead', 'waiting'] as const) {
    const times = finished.filter((each) => each.status === status).length;
    if (times > 0) onFinished(status, times);
  }
}

function auditOf(source: string, request: string, notice: StoredNotice): AuditEntry {
  const actor = `sender ${source}`;
  if (notice.kind === 'truncated') {
    const payload = { source, request_id: request, alerts_left_out: notice.alerts };
    return { action: 'console.webhooks.truncated', payload, actor };
  }
  const payload = { alert_key: alertKeyOf(source, notice.alert_id), request_id: request };
  return { action: 'console.webhooks.acknowledged', payload, actor };
}
