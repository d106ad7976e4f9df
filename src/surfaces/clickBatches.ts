import type { Pool } from 'pg';
import { surfaceActor } from '../../machines/shared/actorId.ts';
import type { Deliver } from '../actors/deliver.ts';
import type { Message } from '../actors/messages.ts';
import { prepared, queryPrepared } from '../db/prepared.ts';
import { coalesce, coalesceBy } from '../lib/coalesce.ts';

export type AnswerBody = Record<string, unknown>;

/**
 * Database work of the clicks of one process, shared if many arrive at once. Otherwise each click needs a connection
 * of its own at the same moment, and waits for the row lock of the surface behind all others.
 */
export interface ClickBatches {
  statusOf(surfaceId: string): Promise<string | null>;
  /** Resolves once the click is delivered. */
  deliver(surfaceId: string, click: { clickId: string; by: string }): Promise<void>;
  /** Null while the click has no answer. */
  readAnswer(clickId: string): Promise<AnswerBody | null>;
}

export function createClickBatches(deps: {
  pool: Pick<Pool, 'query'>;
  deliver: Deliver;
  statusOf: (surfaceId: string) => Promise<string | null>;
}): ClickBatches {
  const { pool, deliver } = deps;
  const undelivered = new Map<string, Message[]>();
  const unread = new Map<string, number>();

  const deliverAll = coalesceBy(async (surfaceId: string) => {
    const clicks = undelivered.get(surfaceId) ?? [];
    undelivered.delete(surfaceId);
    await deliver(clicks);
  });

  const readAll = coalesce(async () => {
    const { rows } = await queryPrepared<{ click_id: string; body: AnswerBody }>(pool, READ_ANSWERS, [
      [...unread.keys()],
    ]);
    return new Map(rows.map(({ click_id, body }) => [click_id, body]));
  });

  return {
    statusOf: coalesceBy(deps.statusOf),
    async deliver(surfaceId, { clickId, by }) {
      const event = { type: 'INVESTIGATE', clickId, by };
      const message = { to: surfaceActor(surfaceId), event, eventId: `click:${clickId}` };
      undelivered.set(surfaceId, [...(undelivered.get(surfaceId) ?? []), message]);
      await deliverAll(surfaceId);
    },
    async readAnswer(clickId) {
      unread.set(clickId, (unread.get(clickId) ?? 0) + 1);
      try {
        return (await readAll()).get(clickId) ?? null;
      } finally {
        const readers = (unread.get(clickId) ?? 1) - 1;
        if (readers === 0) unread.delete(clickId);
        else unread.set(clickId, readers);
      }
    },
  };
}

const READ_ANSWERS = prepared('select click_id, body from answers where click_id = any($1)');
