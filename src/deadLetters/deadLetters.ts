import type { ClientBase, Pool } from 'pg';
import type { Deliver } from '../actors/deliver.ts';
import { isTaken } from '../actors/messages.ts';
import type { Registry } from '../actors/registry.ts';
import { endEffect, recordEntry, replayEffect } from '../actors/repair/replay.ts';
import { appendAudit } from '../audit/auditLog.ts';
import { transaction } from '../db/pool.ts';
import { storableJson } from '../db/storable.ts';
import { Problem } from '../lib/problem.ts';
import { maskSecretsIn } from '../log/secretTexts.ts';
import type { BulkReplay, DeadLetter } from '../model/deadLetters.ts';
import {
  type DeadLetterFilter,
  type DeadLetterRow,
  deadLetterIds,
  listDeadLetters,
  payloadOf,
  readDeadLetter,
  shownDeadLetter,
} from './deadLetterList.ts';
import { changes, checkPayload } from './payload.ts';
import { refiling } from './refiling.ts';
import {
  discardWebhook,
  editWebhook,
  isWebhookLetter,
  lockWebhook,
  recordWebhookEntry,
  replayWebhook,
} from './webhookLetters.ts';

/** What people do with dead letters. Each action is audited in its own transaction. */
export interface DeadLetters {
  list: (
    query: DeadLetterFilter & { cursor?: string | undefined; limit: number },
  ) => ReturnType<typeof listDeadLetters>;
  /** Null, here and below, where there is no dead letter with this id, or no longer. */
  one(id: string): Promise<DeadLetter | null>;
  /** Stores an edited payload. Throws Problem `invalid_field` for one that could not be sent. */
  edit(id: string, payload: unknown, by: string): Promise<DeadLetter | null>;
  /** Runs it again. Throws Problem `reason_gone` where its reason is over. */
  replay(id: string, by: string): Promise<boolean>;
  /** Replays all that match the filter. Throws Problem `count_differs` unless their number is `count`. */
  replayMany(filter: DeadLetterFilter, count: number, by: string): Promise<BulkReplay>;
  /** Discards it for good. */
  discard(id: string, reason: string, by: string): Promise<boolean>;
}

export function createDeadLetters({
  pool,
  registry,
  deliver,
}: {
  pool: Pool;
  registry: Registry;
  deliver: Deliver;
}): DeadLetters {
  return {
    list: (query) => listDeadLetters(pool, query),

    one: (id) => shownDeadLetter(pool, id),

    edit: (id, written, by) =>
      transaction(pool, async (client) => {
        const payload = maskSecretsIn(written);
        // With two editors at once, the second one's changes are compared with the result of the first.
        if (isWebhookLetter(id)) await lockWebhook(client, id);
        else await client.query("select 1 from effects where id = $1 and status = 'dead' for update", [storable(id)]);
        const row = await readDeadLetter(client, id);
        if (row === null) return null;
        const before = payloadOf(row);
        if (!isWebhookLetter(id)) checkPayload(before, payload);
        const changed = changes(before, payload);
        if (Object.keys(changed).length > 0) {
          if (isWebhookLetter(id)) await editWebhook(client, id, row.input, payload);
          else await client.query('update effects set edited = $2 where id = $1', [id, storableJson(payload)]);
          await record(client, id, { what: 'edited', by });
          await appendAudit(client, [audited('edited', by, { effect_id: id, changed })]);
        }
        return shownDeadLetter(client, id);
      }),

    replay,

    async replayMany(filter, count, by) {
      const ids = await deadLetterIds(pool, filter);
      if (ids.length !== count) {
        throw new Problem('count_differs', `${ids.length} dead letters match now, not ${count}. Review them again.`, {
          field: 'count',
        });
      }
      const result: BulkReplay = { replayed: 0, refused: [] };
      for (const id of ids) {
        try {
          // One that is gone was replayed or discarded by another person.
          if (await replay(id, by)) result.replayed += 1;
        } catch (error) {
          if (!(error instanceof Problem)) throw error;
          result.refused.push({ id, message: error.message });
        }
      }
      return result;
    },

    discard: (id, reason, by) =>
      transaction(pool, async (client) => {
        const isDiscarded = isWebhookLetter(id)
          ? await discardWebhook(client, id)
          : await endEffect(client, storable(id), 'discarded');
        if (!isDiscarded) return false;
        await record(client, id, { what: 'discarded', by, reason });
        await appendAudit(client, [audited('discarded', by, { effect_id: id, reason })]);
        return true;
      }),
  };

  async function replay(id: string, by: string): Promise<boolean> {
    const row = await readDeadLetter(pool, id);
    if (row === null) return false;
    if (row.kind === 'ticket') return refile(row, by);
    return transaction(pool, async (client) => {
      const isReplayed = row.kind === 'webhook' ? replayWebhook(client, id) : replayEffect(client, registry, id);
      if (!(await isReplayed)) return false;
      await record(client, id, { what: 'replayed', by });
      await appendAudit(client, [audited('replayed', by, { effect_id: id })]);
      return true;
    });
  }

  /** A ticket is not filed from here: the actor that asked for it decides whether it is still needed. */
  async function refile(row: DeadLetterRow, by: string): Promise<boolean> {
    const messages = await refiling(pool, row);
    const delivered = await deliver(messages, async (client) => {
      // Another person was first: the decisions of the machines are rolled back.
      if (!(await endEffect(client, row.id, 'replayed'))) throw gone(row.id);
      await recordEntry(client, row.id, { what: 'replayed', by });
      await appendAudit(client, [audited('replayed', by, { effect_id: row.id })]);
    });
    if (!delivered.some(({ applied }) => isTaken(applied))) {
      throw new Problem(
        'reason_gone',
        'Nothing is filed for an alert that has resolved, or that got its ticket another way. Discard this dead letter.',
      );
    }
    return true;
  }
}

const record = (client: ClientBase, id: string, entry: Parameters<typeof recordEntry>[2]): Promise<void> =>
  isWebhookLetter(id) ? recordWebhookEntry(client, id, entry) : recordEntry(client, id, entry);

const gone = (id: string): Problem => new Problem('not_found', `Dead letter ${id} no longer exists.`);

const audited = (what: string, actor: string, payload: Record<string, unknown>) => ({
  action: `console.dead_letters.${what}`,
  payload,
  actor,
});

/** Postgres rejects a query with a NUL character; no id contains one. */
const storable = (id: string): string => id.replaceAll('\0', '\ufffd');
