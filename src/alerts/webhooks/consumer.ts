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
import { claimSource, type Finished, finishRequests, keepSource, releaseSource, waitingRequests } from './store.ts';

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
}

/** A process that died keeps its source for at most so long. */
const LEASE_SECONDS = 15;
/** For requests whose notification was missed, and for those that are due for another try. */
const LOOK_EVERY_MS = 1_000;
/** Sources on which one process works at once, so that a busy one does not keep the others waiting. */
const SOURCES_AT_ONCE = 2;

export function startWebhookConsumer(deps: ConsumerDeps): WebhookConsumer {
  let stopping = false;

  async function drain(): Promise<void> {
    while (!stopping) {
      const lease = randomUUID();
      const source = await claimSource(deps.pool, lease, LEASE_SECONDS);
      if (source === null) return;
      try {
        await workOn(deps, { source, lease }, () => stopping);
      } finally {
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

async function workOn(
  { pool, intake, settingsOf, onFinished }: ConsumerDeps,
  claim: { source: string; lease: string },
  isStopping: () => boolean,
): Promise<void> {
  const { source, lease } = claim;
  while (!isStopping()) {
    const requests = await waitingRequests(pool, source);
    if (!requests[0]?.isDue) return;
    const { finished, notices, dead } = await applyRequests(intake, requests, await settingsOf(source));
    const recorded = await transaction(pool, async (client) => {
      if (!(await finishRequests(client, claim, finished))) return false;
      await appendAudit(client, [
        ...notices.map(({ request, notice }) => auditOf(source, request, notice)),
        ...dead.map(({ id, reason, message }) => ({
          action: 'console.webhooks.not_understood',
          payload: { source, request_id: id, reason, message },
          actor: `sender ${source}`,
        })),
      ]);
      return true;
    });
    if (!recorded) return;
    for (const status of ['done', 'dead', 'waiting'] as const) {
      const times = finished.filter((each) => each.status === status).length;
      if (times > 0) onFinished(status, times);
    }
    if (!(await keepSource(pool, source, lease, LEASE_SECONDS))) return;
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
