import type { ClientBase, Pool } from 'pg';
import { pipelinedTransaction } from '../db/pipeline.ts';
import type { Log } from '../log/log.ts';
import { applyEvents } from './applyEvents.ts';
import { type ActionWriters, type Batch, createBatch, flush } from './batch.ts';
import { deliverGroups } from './deliverGroups.ts';
import { applyInbox, hasMessages } from './inbox.ts';
import { type Delivered, isTaken, type Message } from './messages.ts';
import type { BeginEffects, Begun, NewEffect } from './newEffects.ts';
import { createNewerReport } from './newerReport.ts';
import { createNoopCache } from './noopCache.ts';
import { recallNoops } from './recallNoops.ts';
import type { Registry } from './registry.ts';
import { retryConflicts } from './retryConflicts.ts';
import { type Router, routed } from './route.ts';

export interface DeliverDeps {
  pool: Pool;
  registry: Registry;
  log: Log;
  writers: ActionWriters;
  /** Called once per delivery, before it begins, with the recipients; the router may depend on current settings. */
  router: (recipients: readonly string[]) => Promise<Router>;
  /** Called after the commit with everything that was applied. Must not throw. */
  onDelivered?: (delivered: Delivered[]) => void;
  beginEffects?: BeginEffects;
}

/**
 * Delivers events to actors; see {@link createDelivery}. `also` writes more in the same transaction, once it is known
 * what was applied; it is not called where nothing was, and an error that it throws rolls everything back. Without it,
 * messages to other actors are delivered although one actor stays locked; it then throws {@link PartlyDelivered}. `fence`
 * is called last in each transaction; an error that it throws rolls that transaction back. `lockMs`: how long it waits for
 * an actor that another transaction holds, where that is not as long as usual; with `also` only.
 */
export type Deliver = (
  messages: readonly Message[],
  also?: Also,
  fence?: Fence,
  lockMs?: number,
) => Promise<Delivered[]>;
export type Also = (client: ClientBase, delivered: readonly Delivered[]) => Promise<void>;
/** Throws where the caller has lost the right to write. */
export type Fence = (client: ClientBase) => Promise<void>;

export interface Delivery {
  deliver: Deliver;
  /** Delivers the messages in an actor's inbox until none is left or another process is emptying it. */
  empty(actorId: string): Promise<void>;
  /**
   * Restores a parked actor and delivers the events that were held for it, in one transaction. Returns how many these
   * were; null where this release cannot restore the actor, or another process has restored it.
   */
  revive(actorId: string): Promise<number | null>;
}

interface Options {
  also?: Also | undefined;
  fence?: Fence | undefined;
  lockMs?: number | undefined;
}

/**
 * The only way in which an actor changes: lock the rows, apply the events, write snapshots, history, audit rows,
 * effects and timers, commit. Any process may do it; the row lock lets only one of them do it at a time. A crash at any
 * point leaves either the old row or the new one, with everything that belongs to it.
 */
export function createDelivery(deps: DeliverDeps): Delivery {
  const { pool, registry, log, writers } = deps;
  const noops = createNoopCache();
  const reportNewer = createNewerReport(log);

  return {
    async deliver(messages, also, fence, lockMs) {
      if (messages.length === 0) return [];
      if (also) return deliverTogether(messages, { also, fence, lockMs });
      return deliverGroups(messages, (group, alone) => deliverTogether(group, { fence, lockMs: alone }));
    },
    async empty(actorId) {
      // Where another process has the inbox, this one may leave: the other looks again after its commit.
      while (await hasMessages(pool, actorId)) {
        if ((await repeat([actorId], (router) => emptyOnce(actorId, router))) === null) return;
      }
    },
    async revive(actorId) {
      const delivered = await repeat([actorId], (router) => reviveOnce(actorId, router));
      return delivered?.length ?? null;
    },
  };

  async function deliverTogether(messages: readonly Message[], options: Options): Promise<Delivered[]> {
    const delivered = await repeat(
      messages.map(({ to }) => to),
      (router) => deliverOnce(messages, router, (rest) => applyAll(rest, router, options)),
    );
    return delivered.filter(({ late }) => !late);
  }

  /** Repeats `work` until it does not conflict with another transaction, and reports its result after the commit. */
  async function repeat<T extends Delivered[] | null>(
    recipients: readonly string[],
    work: (router: Router) => Promise<T>,
  ): Promise<T> {
    const router = await deps.router(recipients);
    return retryConflicts(log, async () => {
      const delivered = await work(router);
      if (delivered) {
        reportNewer(delivered);
        deps.onDelivered?.(delivered);
      }
      return delivered;
    });
  }

  async function deliverOnce(
    messages: readonly Message[],
    router: Router,
    apply: (rest: Message[]) => Promise<Delivered[]>,
  ): Promise<Delivered[]> {
    const first = await recallNoops(pool, noops, messages);
    const second = await recallNoops(pool, noops, routed(first.recalled, router));
    const delivered = [...first.recalled, ...second.recalled];
    const rest = [...first.rest, ...second.rest];
    if (rest.length > 0) delivered.push(...(await apply(rest)));
    return delivered;
  }

  function applyAll(messages: Message[], router: Router, { also, ...options }: Options): Promise<Delivered[]> {
    return inBatch(async (batch, write) => {
      const delivered = await applyEvents(batch, messages, { router, noops, log });
      await write();
      if (also && delivered.some(({ applied, late }) => !late && isTaken(applied))) await also(batch.client, delivered);
      return delivered;
    }, options);
  }

  function emptyOnce(actorId: string, router: Router): Promise<Delivered[] | null> {
    return inBatch(async (batch, write) => {
      const delivered = await applyInbox(batch, actorId, { router, noops, log });
      if (delivered) await write();
      return delivered;
    });
  }

  function reviveOnce(actorId: string, router: Router): Promise<Delivered[] | null> {
    return inBatch(async (batch, write) => {
      const held = await batch.actors.revive(actorId);
      if (held === null) return null;
      const delivered = await applyEvents(batch, held, { router, noops, log });
      await write();
      return delivered;
    });
  }

  /** Runs one transaction that moves actors. Its effects may begin in this process right after the commit. */
  async function inBatch<T>(
    work: (batch: Batch, write: () => Promise<void>) => Promise<T>,
    { fence, lockMs }: Omit<Options, 'also'> = {},
  ): Promise<T> {
    const begun: Begun[] = [];
    const afterCommit: (() => void)[] = [];
    const apply = async (client: ClientBase, transactionBegun: Promise<unknown>): Promise<T> => {
      const batch = createBatch(client, registry, {
        begun: transactionBegun,
        afterCommit: (work) => void afterCommit.push(work),
      });
      const begin = (added: readonly NewEffect[]) => {
        const some = deps.beginEffects?.(added);
        if (some) begun.push(some);
        return some;
      };
      const worked = await work(batch, () => flush(batch, writers, begin));
      await fence?.(client);
      return worked;
    };
    const result = await pipelinedTransaction(pool, apply, lockMs).catch((error: unknown) => {
      for (const each of begun) each.failed();
      throw error;
    });
    for (const work of afterCommit) work();
    for (const each of begun) each.committed();
    return result;
  }
}
