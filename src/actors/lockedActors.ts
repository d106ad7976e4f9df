import type { ClientBase } from 'pg';
import { pipelineAll } from '../db/pipeline.ts';
import { queryPrepared } from '../db/prepared.ts';
import type { ListRow, LoadedActor } from './loadedActor.ts';
import { readRows, rowsOf, withRows } from './longLists.ts';
import type { Message } from './messages.ts';
import type { PendingWrites } from './pendingWrites.ts';
import type { PersistedSnapshot, Registry } from './registry.ts';
import { CLOCK_AND_HELD, LOCK_IN_ORDER, LOCK_PARKED, TAKE_HELD } from './statements.ts';
import { hydrate, initial, Unrestorable } from './step.ts';

interface StoredActor {
  id: string;
  rev: number;
  life: string;
  version: number;
  parked: string | null;
  snapshot: PersistedSnapshot;
}

/** The actors that one transaction has locked and restored. */
export class LockedActors {
  readonly #client: ClientBase;
  readonly #registry: Registry;
  readonly #pending: PendingWrites;
  readonly #begun: Promise<unknown>;
  readonly #byId = new Map<string, LoadedActor>();
  #now = '';

  /** `begun`: once the transaction has begun; see `pipelinedTransaction`. */
  constructor(client: ClientBase, registry: Registry, pending: PendingWrites, begun: Promise<unknown>) {
    this.#client = client;
    this.#registry = registry;
    this.#pending = pending;
    this.#begun = begun;
  }

  /** The instant of this transaction, by the database's clock. */
  get now(): string {
    return this.#now;
  }

  all(): Iterable<LoadedActor> {
    return this.#byId.values();
  }

  get(id: string): LoadedActor {
    const actor = this.#byId.get(id);
    if (!actor) throw new Error(`actor ${id} was not loaded`);
    return actor;
  }

  /**
   * Locks the rows in the order of their ids, so that two transactions never deadlock. Returns the events that were
   * kept while these actors could not take them, oldest first: they are applied before the new ones. Once it has loaded
   * an actor, the transaction has begun and may write. `read` sends statements that only read, behind those that lock.
   */
  async load(ids: string[], read: () => Promise<void> = async () => undefined): Promise<Message[]> {
    const wanted = ids.filter((id) => !this.#byId.has(id));
    if (wanted.length === 0) {
      await read();
      return [];
    }
    let hasHeld = false;
    const long: StoredActor[] = [];
    await pipelineAll(this.#client, [
      () => this.#begun,
      async () => {
        const { rows } = await queryPrepared<StoredActor>(this.#client, LOCK_IN_ORDER, [wanted]);
        for (const row of rows) {
          if (this.#registry.of(row.id).longList) long.push(row);
          else this.#restore(row);
        }
      },
      async () => {
        hasHeld = await this.#readClockAndHeld(wanted);
      },
      read,
    ]);
    const listRows = await readRows(
      this.#client,
      long.map(({ id }) => id),
    );
    for (const row of long) this.#restore(row, listRows.get(row.id));
    const restored = wanted.filter((id) => this.#byId.get(id)?.snapshot);
    for (const id of wanted) if (!this.#byId.has(id)) this.#create(id);
    return hasHeld ? this.#takeHeld(restored) : [];
  }

  /** Locks a parked actor and restores it; null if it is no longer parked, or this release cannot restore it. */
  async revive(id: string): Promise<Message[] | null> {
    await this.#begun;
    const { rows } = await this.#client.query<StoredActor>(LOCK_PARKED, [[id]]);
    const entry = this.#registry.of(id);
    const [stored] = rows;
    if (!stored || stored.version > entry.version) return null;
    const listRows = await rowsOf(this.#client, entry, id);
    try {
      const snapshot = hydrate(entry, withRows(entry, stored.snapshot, listRows), stored.version);
      const rev = Number(stored.rev);
      const migrated = stored.version < entry.version;
      const { life } = stored;
      const revived = { parked: null, newer: null, migrated, dirty: true };
      this.#byId.set(id, { id, isNew: false, rev, life, snapshot, listRows, ...revived });
    } catch (error) {
      if (error instanceof Unrestorable) return null;
      throw error;
    }
    this.#pending.revived.push(id);
    return (await this.#readClockAndHeld([id])) ? this.#takeHeld([id]) : [];
  }

  #restore({ id, rev, life, version, parked, snapshot }: StoredActor, listRows: ListRow[] = []): void {
    const entry = this.#registry.of(id);
    const newer = version > entry.version ? version : null;
    const migrated = version < entry.version;
    const known = { id, isNew: false, rev: Number(rev), life, parked, newer, migrated, dirty: false };
    const actor: LoadedActor = { ...known, snapshot: null, listRows };
    this.#byId.set(id, actor);
    if (parked !== null || newer !== null) return;
    try {
      actor.snapshot = hydrate(entry, withRows(entry, snapshot, listRows), version);
    } catch (error) {
      if (!(error instanceof Unrestorable)) throw error;
      this.#pending.park(actor, error.message);
    }
  }

  #create(id: string): void {
    const snapshot = initial(this.#registry.of(id), id);
    const fresh = { isNew: true, rev: 0, life: '', parked: null, newer: null, migrated: false, dirty: false };
    this.#byId.set(id, { id, snapshot, ...fresh });
  }

  /**
   * Reads the clock after the first lock, so that instants follow the order in which actors change. Looks for held
   * events only then too, so that it sees those of a transaction that this one waited for.
   */
  async #readClockAndHeld(ids: string[]): Promise<boolean> {
    const { rows } = await queryPrepared<{ at: Date; has_held: boolean }>(this.#client, CLOCK_AND_HELD, [ids]);
    if (this.#now === '') this.#now = (rows[0]?.at ?? new Date()).toISOString();
    return rows[0]?.has_held ?? false;
  }

  async #takeHeld(ids: string[]): Promise<Message[]> {
    const { rows } = await this.#client.query<{ event: Message }>(TAKE_HELD, [ids]);
    return rows.map(({ event }) => event);
  }
}
