import type { Pool } from 'pg';
import { type AuditEntry, appendAudit } from '../../audit/auditLog.ts';
import { isDatabaseGone, isLimitExceeded } from '../../db/databaseGone.ts';
import { transaction } from '../../db/pool.ts';
import { alertKeyOf } from '../emission.ts';
import type { StoredNotice } from '../senders/readRequest.ts';
import { shortened } from './acceptRequests.ts';
import type { Applied } from './applyRequests.ts';
import { discardOldestDead, type Finished, finishRequests } from './store.ts';

/** Records what became of requests, with its audit rows. */

interface Claim {
  source: string;
  lease: string;
}

/**
 * Returns what was recorded; nothing if the source was taken over meanwhile. A request whose record the database
 * refuses becomes a dead letter, so that it does not hold up those behind it. Throws if the database is away.
 */
export async function recordApplied(pool: Pool, claim: Claim, applied: Applied): Promise<readonly Finished[]> {
  try {
    return await recordTogether(pool, claim, applied);
  } catch (error) {
    if (isDatabaseGone(error) || isLimitExceeded(error)) throw error;
    const [only] = applied.finished;
    if (!only) throw error;
    if (applied.finished.length === 1) return recordTogether(pool, claim, deadInstead(only, error));
  }
  const recorded: Finished[] = [];
  for (const each of applied.finished) recorded.push(...(await recordApplied(pool, claim, alone(applied, each))));
  return recorded;
}

const alone = ({ notices, dead }: Applied, one: Finished): Applied => ({
  finished: [one],
  notices: notices.filter(({ request }) => request === one.id),
  dead: dead.filter(({ id }) => id === one.id),
});

function deadInstead({ id }: Finished, error: unknown): Applied {
  const message = shortened(error instanceof Error ? error.message : String(error));
  const dead: Finished = { id, status: 'dead', reason: 'failed', message };
  return { finished: [dead], notices: [], dead: [dead] };
}

function recordTogether(pool: Pool, claim: Claim, { finished, notices, dead }: Applied): Promise<readonly Finished[]> {
  const { source } = claim;
  return transaction(pool, async (client) => {
    if (!(await finishRequests(client, claim, finished))) return [];
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
    return finished;
  });
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
