import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnyMachineSnapshot, AnyStateMachine, StateValue } from 'xstate';
import { statesOf } from '../../../src/actors/machineShape.ts';
import { type Projection, projectionOf } from '../../../src/actors/projections/projection.ts';
import type { MachineEntry } from '../../../src/actors/registry.ts';
import { initial, persist } from '../../../src/actors/step.ts';
import { machines } from '../../../src/app/machineRegistry.ts';
import { createTestDatabase, type TestDatabase } from '../../support/db.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = database.pool;
});
afterAll(() => database.drop());

/** Names are checked by the compiler elsewhere; here they come from the machine itself. */
const sql = projectionOf<AnyStateMachine>() as unknown as Record<
  keyof Projection<AnyStateMachine>,
  (p: string) => string
>;

/** `ticket.doubtful` as the state value that XState has for it. */
const stateValue = (path: readonly string[]): StateValue => {
  const [first = '', ...rest] = path;
  return rest.length === 0 ? first : { [first]: stateValue(rest) };
};

describe.each(machines)('the machine of $kind', (entry) => {
  const states = statesOf(entry.machine).filter(({ path }) => path.length > 0);
  const blank = initial(entry, `${entry.kind}:x`);

  /** An actor in this state, as the host stores it. */
  const stored = ({ path }: { path: string[] }): AnyMachineSnapshot =>
    entry.machine.resolveState({ value: stateValue(path), context: blank.context }) as AnyMachineSnapshot;

  it('is found in SQL in exactly those states in which XState sees it', async () => {
    for (const state of states) {
      const snapshot = stored(state);
      await store(entry, snapshot);
      const found = await ask(states.map(({ path, type }) => isAt(path.join('.'), type)));
      const inSql = states.filter((_, n) => found[n] === true).map(({ path }) => path.join('.'));
      const inXState = states
        .filter(({ path }) => snapshot.matches(stateValue(path)))
        .map(({ path }) => path.join('.'));
      expect(inSql, state.path.join('.')).toEqual(inXState);
    }
  });

  it('shows in SQL which child of a state it is in', async () => {
    const parents = states.filter(({ type }) => type === 'compound');
    for (const parent of parents) {
      for (const child of Object.keys(parent.states)) {
        const snapshot = stored({ path: [...parent.path, child] });
        await store(entry, snapshot);
        const [region, name] = await ask([sql.region(parent.path.join('.')), sql.childOf(parent.path.join('.'))]);
        expect(region).toEqual(at(snapshot.value, parent.path));
        if (typeof region === 'string') expect(name).toBe(region);
      }
    }
  });

  it('shows each field of its context in SQL', async () => {
    await store(entry, blank);
    const context = persist(entry, blank).context;
    const fields = Object.keys(context);
    expect(await ask(fields.map((field) => sql.json(field)))).toEqual(Object.values(context));
  });
});

const isAt = (path: string, type: string): string => (type === 'atomic' ? sql.isIn(path) : sql.isWithin(path));

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce((within, name) => (within as Record<string, unknown>)[name], value);

async function store(entry: MachineEntry, snapshot: AnyMachineSnapshot): Promise<void> {
  await pool.query(
    `insert into actors (id, kind, version, rev, state, snapshot) values ('probe', $1, $2, 1, $3, $4)
     on conflict (id) do update set kind = $1, version = $2, state = $3, snapshot = $4`,
    [entry.kind, entry.version, JSON.stringify(snapshot.value), JSON.stringify(persist(entry, snapshot))],
  );
}

async function ask(expressions: readonly string[]): Promise<unknown[]> {
  const { rows } = await pool.query<{ found: unknown[] }>(
    `select jsonb_build_array(${expressions.map((each) => `(${each})`).join(', ')}) as found from actors where id = 'probe'`,
  );
  return rows[0]?.found ?? [];
}
