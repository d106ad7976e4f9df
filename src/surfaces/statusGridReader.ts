import pg, { type FieldDef, type Pool } from 'pg';
import type { Days, StatusGrid, Tile } from '../model/surfaces.ts';
import { NO_DAYS } from './days.ts';
import { databaseNow, statusGridOf, tileOf } from './statusGrid.ts';
import { type Row, type TileRow, tileRow, tilesStatement } from './statusGridTiles.ts';

/**
 * Reads the grid again and again. A tile that has not changed stays the same object, and so does the list while no tile
 * has changed, so rendered tiles can be cached with the object.
 */

interface ReaderDeps {
  pool: Pick<Pool, 'query'>;
  pollIntervalSeconds: number;
  /** The days of all surfaces, at most some seconds old: the same map again until they are read again. */
  loadDays(): Promise<Map<string, Days>>;
  /** The days of these surfaces as they are now. */
  readDaysOf(ids: readonly string[]): Promise<Map<string, Days>>;
}

/** A row as received, and what was made of it. */
interface KnownRow {
  raw: RawRow;
  row: TileRow;
  /** When its checks become late, by the database's clock. */
  lateAt: number;
  /** As last shown. */
  tile: Tile | null;
  /** The days that `tile` was made with. */
  days: Days | null;
}

type RawRow = readonly (string | null)[];

interface Latest {
  known: Map<string, KnownRow>;
  days: Map<string, Days>;
  /** Of surfaces whose status changed since `days` were read. */
  newerDays: Map<string, Days>;
  grid: StatusGrid;
  /** Which transactions the read saw. */
  snapshot: string;
  /** When the checks of the next surface become late, by the database's clock. */
  lateAt: number;
}

export function createStatusGridReader(deps: ReaderDeps): () => Promise<StatusGrid> {
  const { pool, loadDays } = deps;
  let latest: Latest | null = null;

  return async () => {
    const days = await loadDays();
    const unchangedSince = latest?.days === days ? await stillValid(pool, latest) : null;
    if (latest && unchangedSince !== null) return { ...latest.grid, generated_at: unchangedSince };
    latest = await readAgain(deps, days, latest);
    return latest.grid;
  };
}

/**
 * The present time if nothing has been committed since the read, else null. Only then do both statements see the same
 * transactions.
 */
async function stillValid(pool: Pick<Pool, 'query'>, { snapshot, lateAt }: Latest): Promise<string | null> {
  const { rows } = await pool.query<{ snapshot: string; at: Date }>(
    'select pg_current_snapshot()::text as snapshot, statement_timestamp() as at',
  );
  const [now] = rows;
  return now && now.snapshot === snapshot && now.at.getTime() < lateAt ? now.at.toISOString() : null;
}

async function readAgain(
  { pool, pollIntervalSeconds, readDaysOf }: ReaderDeps,
  days: Map<string, Days>,
  before: Latest | null,
): Promise<Latest> {
  const { fields, rows } = await pool.query<(string | null)[]>({
    ...tilesStatement(pollIntervalSeconds),
    rowMode: 'array',
    types: UNPARSED,
  });
  const column = (name: keyof Row) => fields.findIndex((field) => field.name === name);
  const [id, snapshot, readAt] = [column('id'), column('snapshot'), column('read_at')];
  const known = new Map<string, KnownRow>();
  for (const raw of rows) {
    const old = before?.known.get(raw[id] ?? '');
    // These two columns differ with each read.
    const isSame = old && raw.every((text, n) => n === snapshot || n === readAt || text === old.raw[n]);
    known.set(raw[id] ?? '', isSame ? old : newlyKnown(raw, parsed(fields, raw)));
  }
  const changed = before
    ? [...known.values()].filter(({ row }) => hasNewStatus(row, before.known.get(row.id)?.row))
    : [];
  const newerDays = new Map(before?.days === days ? before.newerDays : []);
  if (changed.length > 0) {
    for (const [surfaceId, of] of await readDaysOf(changed.map(({ row }) => row.id))) newerDays.set(surfaceId, of);
  }
  const daysOf = ({ row }: KnownRow) => newerDays.get(row.id) ?? days.get(row.id) ?? NO_DAYS;
  const surfaces = [...known.values()].map((each) => tileWithDays(each, daysOf(each)));
  const first = rows[0] && parsed(fields, rows[0]);
  const generatedAt = first?.read_at.toISOString() ?? (await databaseNow(pool));
  return {
    known,
    days,
    newerDays,
    grid: statusGridOf(sameList(before?.grid.surfaces, surfaces), generatedAt),
    snapshot: first?.snapshot ?? '',
    lateAt: [...known.values()].reduce((least, { lateAt }) => Math.min(least, lateAt), Number.POSITIVE_INFINITY),
  };
}

/** Its checks of today are counted at another status than before. */
const hasNewStatus = (row: TileRow, before: TileRow | undefined): boolean =>
  row.status !== before?.status || row.since !== before.since;

function newlyKnown(raw: RawRow, row: Row): KnownRow {
  const { checked_at, is_late, late_ms } = row;
  const lateAt = checked_at === null || is_late ? Number.POSITIVE_INFINITY : checked_at.getTime() + late_ms;
  return { raw, row: tileRow(row), lateAt, tile: null, days: null };
}

/** Values stay text, so that an unchanged row need not be parsed. */
const UNPARSED = { getTypeParser: () => (text: string) => text };

function parsed(fields: FieldDef[], raw: RawRow): Row {
  const entries = fields.map(({ name, dataTypeID }, n) => {
    const text = raw[n];
    return [name, text === null || text === undefined ? null : pg.types.getTypeParser(dataTypeID)(text)];
  });
  return Object.fromEntries(entries) as Row;
}

function tileWithDays(known: KnownRow, days: Days): Tile {
  if (known.tile !== null && known.days === days) return known.tile;
  const tile = tileOf(known.row, days);
  known.days = days;
  if (known.tile === null || !isSameDays(known.tile.days, tile.days)) known.tile = tile;
  return known.tile;
}

const isSameDays = (a: Days, b: Days): boolean =>
  a.letters === b.letters && a.uptime === b.uptime && a.known === b.known;

function sameList(before: Tile[] | undefined, after: Tile[]): Tile[] {
  const isSame = before?.length === after.length && after.every((tile, n) => tile === before[n]);
  return isSame ? before : after;
}
