import type { ClientBase } from 'pg';
import { rowsFromJson } from '../db/jsonRows.ts';
import { prepared, queryPrepared } from '../db/prepared.ts';
import type { ListRow, LoadedActor } from './loadedActor.ts';
import type { MachineEntry, PersistedSnapshot, Registry } from './registry.ts';

/**
 * A list in the context of an actor may become long, and every step writes the snapshot anew. So the snapshot has only
 * the first entries of such a list (`MachineEntry.longList`), and the others are rows of `actor_entries`: a step writes
 * those that it adds and deletes. The machine always sees the whole list.
 */

/** By actor. Snapshots and rows change together, so it belongs into the transaction that has locked these actors. */
export async function readRows(client: ClientBase, ids: readonly string[]): Promise<Map<string, ListRow[]>> {
  const byActor = new Map<string, ListRow[]>();
  if (ids.length === 0) return byActor;
  const { rows } = await queryPrepared<{ actor_id: string; n: string; entry: unknown }>(client, READ, [ids]);
  for (const { actor_id, n, entry } of rows) {
    const known = byActor.get(actor_id);
    if (known) known.push({ n: Number(n), entry });
    else byActor.set(actor_id, [{ n: Number(n), entry }]);
  }
  return byActor;
}

/** The same for one actor. */
export const rowsOf = async (client: ClientBase, { longList }: MachineEntry, id: string): Promise<ListRow[]> =>
  (longList && (await readRows(client, [id])).get(id)) ?? [];

/** A stored snapshot with the whole list. */
export function withRows(
  { longList }: MachineEntry,
  stored: PersistedSnapshot,
  rows: readonly ListRow[],
): PersistedSnapshot {
  if (!longList || rows.length === 0) return stored;
  const list = [...listIn(stored, longList), ...rows.map(({ entry }) => entry)];
  return { ...stored, context: { ...stored.context, [longList.field]: list } };
}

/** What of a snapshot is written into the row of its actor. */
export function withoutRows({ longList }: MachineEntry, snapshot: PersistedSnapshot): PersistedSnapshot {
  if (!longList) return snapshot;
  const list = listIn(snapshot, longList);
  if (list.length <= longList.inSnapshot) return snapshot;
  const first = list.slice(0, longList.inSnapshot);
  return { ...snapshot, context: { ...snapshot.context, [longList.field]: first } };
}

/**
 * The rows to delete and to add, so that these actors have the entries that are not in their snapshots. An entry keeps
 * the row from which it was loaded, as long as no entry without a row is in front of it.
 */
export function changedRows(registry: Registry, actors: readonly LoadedActor[]) {
  const gone: { actor_id: string; n: number }[] = [];
  const added: { actor_id: string; n: number; entry: unknown }[] = [];
  for (const { id, snapshot, listRows = [] } of actors) {
    const { longList } = registry.of(id);
    if (!longList || !snapshot) continue;
    const rest = listIn(snapshot, longList).slice(longList.inSnapshot);
    const kept = keptRows(rest, listRows);
    for (const { n } of listRows) if (!kept.has(n)) gone.push({ actor_id: id, n });
    const last = listRows.at(-1)?.n ?? 0;
    for (const [at, entry] of rest.slice(kept.size).entries()) added.push({ actor_id: id, n: last + 1 + at, entry });
  }
  return { gone, added };
}

/** The numbers of the rows that the first of these entries have already, in their order. */
function keptRows(entries: readonly unknown[], rows: readonly ListRow[]): Set<number> {
  const numbers = new Map(rows.map(({ entry, n }) => [entry, n]));
  const kept = new Set<number>();
  let last = 0;
  for (const entry of entries) {
    const n = numbers.get(entry);
    if (n === undefined || n <= last) break;
    kept.add(n);
    last = n;
  }
  return kept;
}

/** Empty for a faulty snapshot, of which restoring it reports what is wrong. */
function listIn(snapshot: unknown, { field }: { field: string }): readonly unknown[] {
  const { context } = (snapshot ?? {}) as { context?: Record<string, unknown> | null };
  const list = context?.[field];
  return Array.isArray(list) ? list : [];
}

const READ = prepared('select actor_id, n, entry from actor_entries where actor_id = any($1) order by actor_id, n');
export const DELETE_ENTRIES = prepared(`
  delete from actor_entries e using ${rowsFromJson('actor_id text, n bigint')}
  where e.actor_id = x.actor_id and e.n = x.n`);
export const INSERT_ENTRIES = prepared(`
  insert into actor_entries (actor_id, n, entry)
  select actor_id, n, entry from ${rowsFromJson('actor_id text, n bigint, entry jsonb')}`);
