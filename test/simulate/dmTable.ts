import type { DmRequest } from '../../machines/shared/protocol.ts';
import { type DmRow, type DmStore, FIRST, openingKey } from '../../src/notify/dmStore.ts';
import type { Sent } from '../../src/notify/port.ts';
import type { Calls } from './calls.ts';
import type { Owner } from './clock.ts';
import { newMessage, type Tables } from './tables.ts';

/** The store of direct messages of one process, with the rules of `src/notify/dmStore.ts` and tables in memory. */
export function createDmTable(
  tables: Tables,
  { calls, owner, now }: { calls: Calls; owner: Owner; now: () => number },
): DmStore {
  const begun = (id: string) => tables.messages.get(id)?.runningAttempt ?? null;

  function recordIntent(request: DmRequest): DmRow {
    const row = tables.messages.get(request.id) ?? newMessage(request, now());
    tables.messages.set(request.id, row);
    return {
      phase: row.phase,
      attempts: row.attempts,
      createdAt: new Date(row.createdAt),
      attempt: row.runningAttempt?.attempt ?? null,
      sinceAttemptMs: row.runningAttempt ? now() - row.runningAttempt.at : null,
      attemptedAt: new Date(row.runningAttempt?.at ?? now()),
      handedOver: row.handedOver,
    };
  }

  const openingOf = (reply: Pick<DmRequest, 'thread' | 'to'>) =>
    [...tables.messages.values()].find(
      ({ request, phase }) =>
        openingKey(request) === openingKey(reply) && FIRST.includes(request.kind) && phase === 'sent',
    )?.sent ?? null;

  return {
    recordIntents: (requests) =>
      calls.write(owner, () => new Map(requests.map((request) => [request.id, recordIntent(request)]))),

    beginAttempt: (id, { attempt: earlier }) =>
      calls.write(owner, () => {
        const row = tables.messages.get(id);
        if (!row || row.phase === 'sent' || (begun(id)?.attempt ?? null) !== earlier) return null;
        const attempt = `${now()} ${row.attempts + 1}`;
        Object.assign(row, { phase: 'attempting', attempts: row.attempts + 1, runningAttempt: { attempt, at: now() } });
        return attempt;
      }),

    takeBackAttempt: (id, attempt) =>
      calls.write(owner, () => {
        const row = tables.messages.get(id);
        if (row?.phase !== 'attempting' || begun(id)?.attempt !== attempt) return;
        Object.assign(row, { phase: 'planned', attempts: row.attempts - 1, runningAttempt: null });
      }),

    findOpenings: (replies) =>
      calls.read(
        owner,
        () =>
          new Map(
            replies.flatMap((reply): [string, Sent][] => {
              const sent = openingOf(reply);
              return sent ? [[openingKey(reply), sent]] : [];
            }),
          ),
      ),

    recordSent: (id, sent) =>
      calls.write(owner, () => {
        Object.assign(tables.messages.get(id) ?? {}, { phase: 'sent', sent });
      }),
  };
}
