import type { Pool, PoolClient } from 'pg';
import type { Config, FlagName } from '../config/config.ts';
import { notifyConsole } from '../db/channels.ts';
import { transaction } from '../db/pool.ts';
import { Problem } from '../lib/problem.ts';
import type { FlagState } from '../model/operations.ts';

/** How long the cached flags are used: half of the second within which a flip must take effect. */
const FRESH_MS = 500;

export interface FlagsDeps {
  /** Appends to the audit log within the given transaction. */
  audit(client: PoolClient, rows: { action: string; payload: Record<string, unknown>; actor: string }[]): Promise<void>;
  /** A monotonic clock, in milliseconds. */
  now?: () => number;
}

export interface Flags {
  /** All flags in a fixed order, as stored now. */
  list(): Promise<FlagState[]>;
  /** At most half a second old. Throws what the database throws: an unreadable flag is neither on nor off. */
  isOn(name: FlagName): Promise<boolean>;
  /** The effective value by the stored one, which was read elsewhere; null if none is stored. */
  effective(name: FlagName, stored: boolean | null): boolean;
  /** The flags were changed elsewhere: the next caller reads them again. */
  forget(): void;
  /** Reads the database at this moment, for decisions that cannot be undone. */
  isOnNow(name: FlagName): Promise<boolean>;
  /**
   * Stores the flag together with its audit row and notifies the console pages; setting the present value changes
   * nothing. Throws Problem `unknown_flag`, or `forced_off` if the environment variable forces it off.
   */
  set(name: string, enabled: boolean, by: string): Promise<FlagState>;
}

interface StoredFlag {
  name: string;
  enabled: boolean;
  changed_at: Date;
  changed_by: string;
}

type Stored = Map<string, StoredFlag>;

export function createFlags(
  pool: Pool,
  settings: Config['flags'],
  { audit, now = () => performance.now() }: FlagsDeps,
): Flags {
  let cached: { since: number; stored: Promise<Stored> } | null = null;

  const isFlag = (name: string): name is FlagName => Object.hasOwn(settings, name);
  const effective = (name: FlagName, stored: boolean | null): boolean =>
    !settings[name].forcedOff && (stored ?? settings[name].default);
  const isOnIn = (stored: Stored, name: FlagName): boolean => effective(name, stored.get(name)?.enabled ?? null);

  function stateOf(stored: Stored, name: FlagName): FlagState {
    const row = stored.get(name);
    return {
      name,
      enabled: isOnIn(stored, name),
      forced_off: settings[name].forcedOff,
      changed_at: row?.changed_at.toISOString() ?? null,
      changed_by: row?.changed_by ?? null,
    };
  }

  async function read(client: Pick<Pool, 'query'> = pool): Promise<Stored> {
    const { rows } = await client.query<StoredFlag>('select name, enabled, changed_at, changed_by from flags');
    return new Map(rows.map((row) => [row.name, row]));
  }

  /** Callers within `FRESH_MS` share one query; its age counts from before it was sent. */
  function readCached(): Promise<Stored> {
    if (cached !== null && now() - cached.since < FRESH_MS) return cached.stored;
    const entry = { since: now(), stored: read() };
    cached = entry;
    entry.stored.catch(() => {
      if (cached === entry) cached = null;
    });
    return entry.stored;
  }

  return {
    effective,

    async list() {
      const stored = await read();
      return Object.keys(settings)
        .filter(isFlag)
        .map((name) => stateOf(stored, name));
    },

    async isOn(name) {
      return !settings[name].forcedOff && isOnIn(await readCached(), name);
    },

    forget() {
      cached = null;
    },

    async isOnNow(name) {
      return !settings[name].forcedOff && isOnIn(await read(), name);
    },

    async set(name, enabled, by) {
      if (!isFlag(name)) throw new Problem('unknown_flag', `There is no flag named "${name}".`);
      if (enabled && settings[name].forcedOff) {
        throw new Problem(
          'forced_off',
          `${name} is forced off by the environment variable of the same name. Unset that variable first.`,
        );
      }
      const state = await transaction(pool, async (client) => {
        // If nothing is stored, the default is the present value, and storing it again is not a flip.
        const { rowCount } = await client.query(
          `insert into flags (name, enabled, changed_by)
           select $1::text, $2::boolean, $3::text where $2 <> $4::boolean or exists (select from flags where name = $1)
           on conflict (name) do update
             set enabled = excluded.enabled, changed_at = now(), changed_by = excluded.changed_by
             where flags.enabled <> excluded.enabled`,
          [name, enabled, by, settings[name].default],
        );
        if (rowCount) {
          await audit(client, [{ action: 'console.flags.changed', payload: { flag: name, enabled, by }, actor: by }]);
          await notifyConsole(client, { flags: true });
        }
        return stateOf(await read(client), name);
      });
      cached = null;
      return state;
    },
  };
}
