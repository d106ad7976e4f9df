import type { ClientBase, Pool } from 'pg';
import type { EventObject } from 'xstate';
import { transaction } from '../db/pool.ts';
import type { Log } from '../log/log.ts';
import { type ActionWriters, createBatch } from './batch.ts';
import { type Duplicates, findDuplicates } from './dedup.ts';
import { addJobs, inboxJob } from './enqueue.ts';
import { type Applied, Conflict, type Delivered, type Message } from './messages.ts';
import { createNoopCache } from './noopCache.ts';
import type { Registry } from './registry.ts';
import { type Say, type Step, step } from './step.ts';

/** Turns what a machine says to other actors, in the same transaction, into messages. Synchronous and pure. */
export type Router = (say: Say, from: string) => Message[] | null;

export interface DeliverDeps {
  pool: Pool;
  registry: Registry;
  log: Log;
  writers: ActionWriters;
  /** Asked once a delivery, before it begins, with whom it is for; what it answers may depend on settings of the moment. */
  router: (recipients: readonly string[]) => Promise<Router>;
  /** Called after the commit with everything that was applied. Must not throw. */
  onDelivered?: (delivered: Delivered[]) => void;
}

/**
 * Delivers events to actors; see {@link createDelivery}. `also` writes more in the same transaction, once it is known
 * what was applied; it is not called where nothing was, and what it throws takes everything back.
 */
export type Deliver = (messages: readonly Message[], also?: Also) => Promise<Delivered[]>;
export type Also = (client: ClientBase, delivered: readonly Delivered[]) => Promise<void>;

export interface Delivery {
  deliver: Deliver;
  /** Gives an actor what lies in its inbox, until nothing is left or another process is at it. */
  empty(actorId: string): Promise<void>;
  /**
   * Restores a parked actor and gives it everything that was kept for it, in one transaction. Answers how many events
   * that were; null where this release cannot restore it, or somebody else did.
   */
  revive(actorId: string): Promise<number | null>;
}

const ATTEMPTS = 8;

/**
 * The only way an actor ever moves: lock the rows, apply the events, write snapshots, history, audit
 * rows, effects and timers, commit. Any process may do it; the row lock makes it the only one.
 * A crash at any point leaves either the old row or the new one, with all that belongs to it.
 */
export function createDelivery(deps: DeliverDeps): Delivery {
  const { pool, registry, log } = deps;
  const quiet = createNoopCache();

  return {
    async deliver(messages, also) {
      if (messages.length === 0) return [];
      const recipients = messages.map(({ to }) => to);
      const delivered = await settled(recipients, (router) => once(messages, router, also));
      return delivered.filter(({ late }) => !late);
    },
    async empty(actorId) {
      // Whoever finds the inbox taken may leave: the one that has it looks again after its commit.
      for (let left = await isLeft(actorId); left; left = await isLeft(actorId)) {
        const delivered = await settled([actorId], (router) =>
          transaction(pool, (client) => emptyOne(client, actorId, router)),
        );
        if (delivered === null) return;
      }
    },
    async revive(actorId) {
      const delivered = await settled([actorId], (router) =>
        transaction(pool, (client) => reviveOne(client, actorId, router)),
      );
      return delivered?.length ?? null;
    },
  };

  /** Tries until no other transaction came in between, and tells what came of it after the commit. */
  async function settled<T extends Delivered[] | null>(
    recipients: readonly string[],
    work: (router: Router) => Promise<T>,
  ): Promise<T> {
    const router = await deps.router(recipients);
    for (let attempt = 1; ; attempt++) {
      try {
        const delivered = await work(router);
        if (delivered) deps.onDelivered?.(delivered);
        return delivered;
      } catch (error) {
        if (attempt >= ATTEMPTS || !mayTryAgain(error)) throw error;
        log.debug({ err: error, attempt }, 'delivery tried again');
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * attempt));
      }
    }
  }

  async function once(messages: readonly Message[], router: Router, also?: Also): Promise<Delivered[]> {
    const delivered: Delivered[] = [];
    const first = await split(pool, messages);
    delivered.push(...first.quiet);
    const followUps = routed(first.quiet, router);
    const second = await split(pool, followUps);
    delivered.push(...second.quiet);
    const rest = [...first.rest, ...second.rest];
    if (rest.length > 0) delivered.push(...(await transaction(pool, (client) => applyAll(client, rest, router, also))));
    return delivered;
  }

  /** Events that are known to change nothing are answered from memory, without a lock. */
  async function split(
    from: Pick<Pool, 'query'>,
    messages: readonly Message[],
  ): Promise<{ quiet: Delivered[]; rest: Message[] }> {
    if (messages.length === 0) return { quiet: [], rest: [] };
    const { rows } = await from.query<{ id: string; rev: number }>(KNOWN, [
      [...new Set(messages.map((message) => message.to))],
    ]);
    const revs = new Map(rows.map(({ id, rev }) => [id, Number(rev)]));
    const known: Delivered[] = [];
    const rest: Message[] = [];
    // Once one event of an actor needs its row, the later ones in this batch do too.
    const busy = new Set<string>();
    for (const message of messages) {
      const rev = revs.get(message.to);
      const recalled = rev === undefined || busy.has(message.to) ? undefined : quiet.recall(message, rev);
      if (recalled && rev !== undefined) {
        const { says, snapshot } = recalled;
        known.push({ message, applied: 'unchanged', snapshot, rev, says, before: snapshot });
      } else {
        busy.add(message.to);
        rest.push(message);
      }
    }
    return { quiet: known, rest };
  }

  async function applyAll(client: ClientBase, messages: Message[], router: Router, also?: Also): Promise<Delivered[]> {
    const batch = createBatch(client, registry);
    const delivered = await waves(batch, client, messages, router);
    await batch.write(deps.writers);
    if (also && delivered.some(({ applied, late }) => !late && isTaken(applied))) await also(client, delivered);
    return delivered;
  }

  async function isLeft(actorId: string): Promise<boolean> {
    const { rowCount } = await pool.query(IS_LEFT, [actorId]);
    return (rowCount ?? 0) > 0;
  }

  async function emptyOne(client: ClientBase, actorId: string, router: Router): Promise<Delivered[] | null> {
    const { rows: turn } = await client.query<{ mine: boolean }>(TAKE_TURN, [actorId]);
    if (!turn[0]?.mine) return null;
    const batch = createBatch(client, registry);
    const held = await batch.load([actorId]);
    const newer = batch.actors.get(actorId)?.newer ?? null;
    if (newer !== null) {
      await addJobs(client, [inboxJob(actorId, newer)]);
      return null;
    }
    const { rows } = await client.query<{ event: Message['event']; event_id: string }>(TAKE_LEFT, [actorId, AT_ONCE]);
    const messages = rows.map(({ event, event_id }) => ({ to: actorId, event, eventId: event_id }));
    const delivered = await waves(batch, client, [...held, ...messages], router);
    await batch.write(deps.writers);
    return delivered;
  }

  async function reviveOne(client: ClientBase, actorId: string, router: Router): Promise<Delivered[] | null> {
    const batch = createBatch(client, registry);
    const held = await batch.revive(actorId);
    if (!held) return null;
    const delivered = await waves(batch, client, held, router);
    await batch.write(deps.writers);
    return delivered;
  }

  async function waves(batch: Batch, client: ClientBase, messages: Message[], router: Router): Promise<Delivered[]> {
    const delivered: Delivered[] = [];
    for (let wave = messages, depth = 0; wave.length > 0; depth++) {
      if (depth > 3) throw new Error('machines send each other messages in a ring');
      const held = await batch.load([...new Set(wave.map(({ to }) => to))]);
      const ordered = [...held, ...wave];
      const skip = await findDuplicates(client, ordered);
      const now = ordered.map((message, n): Delivered => {
        const delivered = applyOne(batch, message, skip, router);
        return n < held.length ? { ...delivered, late: true } : delivered;
      });
      delivered.push(...now);
      wave = routed(now, router);
    }
    return delivered;
  }

  function applyOne(batch: Batch, message: Message, skip: Duplicates, router: Router): Delivered {
    const row = batch.actors.get(message.to);
    if (!row) throw new Error(`actor ${message.to} was not loaded`);
    const left = (applied: Applied): Delivered => ({
      message,
      applied,
      snapshot: row.snapshot,
      rev: row.rev,
      says: [],
      before: row.snapshot,
    });
    if (row.newer !== null) {
      batch.handBack(message, row.newer);
      return left('handed_back');
    }
    if (skip.isDuplicate(message)) return left('duplicate');
    if (skip.isStale(message)) return left('stale');
    if (row.parked !== null || !row.snapshot) {
      batch.hold(message, row.parked ?? 'parked');
      return left('held');
    }
    const before = row.snapshot;
    let result: Step;
    try {
      result = step(registry.of(message.to), before, { ...message.event, at: batch.instant() } as EventObject);
    } catch (error) {
      const reason = `event ${message.event.type} failed: ${(error as Error).message}`;
      log.error({ err: error, actor_id: message.to, event: message.event.type }, 'actor parked');
      batch.park(message.to, reason);
      batch.hold(message, reason);
      return left('held');
    }
    const written = result.says.filter((say) => router(say, message.to) === null);
    const applied = message.effect || message.timer || stirs(result, written) ? 'changed' : 'unchanged';
    if (applied === 'changed') {
      if (message.timer) batch.takeBack(message.to, message.timer.id);
      batch.apply(row, message, { ...result, says: written });
      if (message.effect) batch.finish(message.effect.id, message.effect.status, outcomeOf(message.event));
    } else if (!row.isNew && !row.dirty) {
      // Holds for this revision, which stands in the database whether or not this transaction commits.
      quiet.remember(message, row.rev, result.says, before);
    }
    return { message, applied, snapshot: result.snapshot, rev: row.rev, says: result.says, before };
  }
}

/** The actor has moved, or will once it can. */
export const isTaken = (applied: Applied): boolean =>
  applied === 'changed' || applied === 'held' || applied === 'handed_back';

type Batch = ReturnType<typeof createBatch>;

const AT_ONCE = 500;

/** Held until the transaction ends. */
const TAKE_TURN = "select pg_try_advisory_xact_lock(hashtextextended('inbox ' || $1, 0)) as mine";
const TAKE_LEFT = `
  with taken as (
    delete from inbox where id in (select id from inbox where actor_id = $1 order by id limit $2)
    returning id, event, event_id
  ) select event, event_id from taken order by id`;
const IS_LEFT = `
  select from inbox where actor_id = $1
  union all
  select from held_events h join actors a on a.id = h.actor_id where h.actor_id = $1 and a.parked is null
  limit 1`;
/** An actor for which events wait takes those first, so what is known of it now says nothing. */
const KNOWN = `
  select id, rev from actors a
  where id = any($1) and parked is null and not exists (select from held_events h where h.actor_id = a.id)`;

const routed = (delivered: Delivered[], router: Router): Message[] =>
  delivered.flatMap(({ says, message }) => says.flatMap((say) => router(say, message.to) ?? []));

const stirs = (result: Step, written: Say[]): boolean =>
  result.moved ||
  [written, result.effects, result.armed, result.stopped, result.cancelled].some((list) => list.length > 0);

const outcomeOf = (event: Message['event']): unknown => event.output ?? event.error ?? null;

/** Another process was quicker, or two transactions waited for each other: nothing was written, so it is tried again. */
const mayTryAgain = (error: unknown): boolean =>
  error instanceof Conflict || ['40001', '40P01'].includes((error as { code?: string }).code ?? '');
