import type { CopyStore } from '../../src/notify/copyStore.ts';
import type { Recipient } from '../../src/notify/recipients.ts';
import type { Calls } from './calls.ts';
import type { Owner } from './clock.ts';
import { type MessageRow, newMessage, type Tables } from './tables.ts';

/** The store of copies of one process, with the rules of `src/notify/copyStore.ts` and tables in memory. */
export function createCopyTable(
  tables: Tables,
  { calls, owner, now }: { calls: Calls; owner: Owner; now: () => number },
): CopyStore {
  const rows = (): MessageRow[] => [...tables.messages.values()];

  function recipientsOf(thread: string): Recipient[] {
    const told = rows().filter(
      ({ request, phase, copyOf }) => request.thread === thread && (copyOf !== null || phase !== 'planned'),
    );
    return [...new Set(told.map(({ request }) => request.to ?? null))];
  }

  return {
    async recipientsOfThreads(threads) {
      if (threads.length === 0) return new Map();
      return calls.read(owner, () => new Map(threads.map((thread) => [thread, recipientsOf(thread)])));
    },

    recordCopies: (copies) =>
      calls.write(owner, () => {
        for (const { of, request } of copies) {
          if (!tables.messages.has(request.id)) tables.messages.set(request.id, newMessage(request, now(), of));
        }
        const wanted = new Set(copies.map(({ of }) => of));
        return rows().flatMap(({ copyOf, request }) => (copyOf !== null && wanted.has(copyOf) ? [request] : []));
      }),

    recordHandedOver: (ids) =>
      calls.write(owner, () => {
        for (const id of ids) Object.assign(tables.messages.get(id) ?? {}, { handedOver: true });
      }),
  };
}
