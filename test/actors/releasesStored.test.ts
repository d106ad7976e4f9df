import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EventObject } from 'xstate';
import type { MachineEntry, PersistedSnapshot } from '../../src/actors/registry.ts';
import { hydrate, persist, type Step, step } from '../../src/actors/step.ts';
import { machines } from '../../src/app/machineRegistry.ts';
import { packageRoot } from '../../src/lib/packageRoot.ts';

/**
 * What a release stored, and how it went on from there: random walks over every machine, recorded with the code of that
 * release. They hold every combination of states that the walks met, and together take every transition. The files are
 * never recorded again. Where a later release behaves differently on purpose, remove the steps that no longer hold; the
 * snapshots stay, because they must restore for ever.
 */
const FOLDER = join(packageRoot, 'test', 'fixtures', 'actors');
const releases = readdirSync(FOLDER).filter((name) => name.startsWith('release-'));

interface Recording {
  kind: string;
  id: string;
  version: number;
  /** The context of an actor that has taken no event. A snapshot gives only the fields that differ from it. */
  initial: Record<string, unknown>;
  snapshots: (Pick<PersistedSnapshot, 'value' | 'context' | 'children'> & { then: RecordedStep[] })[];
}

/** One event for the snapshot, and what the release made of it. Each step starts from the snapshot itself. */
interface RecordedStep {
  event: EventObject;
  /** The new state; of a parallel machine only the regions that changed. */
  value: string | object;
  /** Effects that are running afterwards, by child id. */
  children: string[];
  /** Changed context fields; for a list how many entries left at its front and which were added at its end. */
  context: Record<string, unknown>;
  /** Actions for the host, as name and parameters. */
  says?: [string, unknown][];
  /** Effects that begin: child id, name and input. */
  effects?: [string, string, unknown][];
  stopped?: string[];
  /** Timers that begin: id, milliseconds and event type. */
  armed?: [string, number, string][];
  cancelled?: string[];
}

const read = (release: string, kind: string): Recording =>
  JSON.parse(readFileSync(join(FOLDER, release, `${kind}.json`), 'utf8')) as Recording;

const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Later releases divided this state, and its turn ends by a timer. Neither was recorded. */
const recordedState = (value: unknown): unknown => {
  const { upkeep, ...regions } = (value ?? {}) as { upkeep?: string | object };
  return upkeep === undefined ? value : { ...regions, upkeep: typeof upkeep === 'string' ? upkeep : 'working' };
};
const wasRecorded = (timerId: string): boolean => !timerId.includes('.ticketUpdateTurn.');

/** An action with an empty list asks for nothing. */
const asksForSomething = ([, params]: [string, unknown]): boolean => !Array.isArray(params) || params.length > 0;

/** The sentence that answers a click is wording for people, which a release may improve. */
const withoutWording = ([name, params]: [string, unknown]): [string, unknown] => [
  name,
  name === 'answer'
    ? (params as { body: object }[]).map((answer) => ({ ...answer, body: { ...answer.body, message: undefined } }))
    : params,
];

const asked = ({ actions, effects, stopped, armed, cancelled }: Step) =>
  plain({
    says: actions
      .map(({ name, params }): [string, unknown] => [name, params])
      .filter(asksForSomething)
      .map(withoutWording),
    effects: effects.map(({ childId, src, input }) => [childId, src, input]),
    stopped,
    armed: armed
      .filter(({ timerId }) => wasRecorded(timerId))
      .map(({ timerId, delayMs, event }) => [timerId, delayMs, event.type]),
    cancelled: cancelled.filter(wasRecorded),
  });

function applied(before: Record<string, unknown>, changes: Record<string, unknown>): Record<string, unknown> {
  const changed = Object.entries(changes).map(([field, change]) => {
    const list = before[field];
    if (!Array.isArray(list) || Array.isArray(change)) return [field, change];
    const { drop, add } = change as { drop: number; add: unknown[] };
    return [field, [...list.slice(drop), ...add]];
  });
  return { ...before, ...Object.fromEntries(changed) };
}

const nextValue = (before: unknown, change: string | object): unknown =>
  typeof change === 'string' || typeof before === 'string' ? change : { ...(before as object), ...change };

function replay(
  entry: MachineEntry,
  stored: PersistedSnapshot,
  { version, initial }: Pick<Recording, 'version' | 'initial'>,
  recorded: RecordedStep,
): void {
  const before = hydrate(entry, stored, version);
  const result = step(entry, before, recorded.event);
  const after = persist(entry, result.snapshot);
  const { event, value, children, context, says = [], ...rest } = recorded;
  // Fields that a later release added were not recorded.
  const known = ({ filing, ...fields }: Record<string, unknown>) => {
    const { title, ...intended } = (filing ?? {}) as { title?: string };
    return Object.fromEntries([...Object.entries(fields).filter(([field]) => field in initial), ['filing', intended]]);
  };
  const nothing = { effects: [], stopped: [], armed: [], cancelled: [] };
  expect({
    event,
    value: recordedState(after.value),
    children: Object.keys(after.children),
    context: known(after.context),
  }).toEqual({
    event,
    value: nextValue(recordedState(persist(entry, before).value), value),
    children,
    context: known(applied(persist(entry, before).context, context)),
  });
  expect({ event, ...asked(result) }).toEqual({
    event,
    ...nothing,
    ...rest,
    says: says.filter(asksForSomething).map(withoutWording),
  });
}

describe.each(releases)('what %s stored', (release) => {
  const kinds = readdirSync(join(FOLDER, release)).map((file) => file.replace('.json', ''));
  const known = machines.filter(({ kind }) => kinds.includes(kind));
  it.each(known.map((entry) => [entry.kind, entry] as const))('%s goes on as it did there', (kind, entry) => {
    const { initial, version, snapshots } = read(release, kind);
    expect(snapshots.length).toBeGreaterThan(0);
    for (const { then, value, children, context } of snapshots) {
      const stored = { status: 'active', historyValue: {}, value, children, context: { ...initial, ...context } };
      hydrate(entry, stored, version);
      for (const recorded of then) replay(entry, stored, { version, initial }, recorded);
    }
  });

  it('has a machine for every kind of actor that it stored', () => {
    expect(known.map(({ kind }) => kind).toSorted()).toEqual(kinds.toSorted());
  });
});
