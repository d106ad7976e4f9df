import { describe, expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { type ActorInput, pathsOf, play, stableStates } from './driver.ts';
import { marked } from './markedMachine.ts';

/** The inputs before, the input under test, the states it leads to (dotted paths, separated by spaces), what it asks for. */
export interface Row {
  name: string;
  from: ActorInput[];
  on: ActorInput;
  to: string;
  asks: string[];
}

export const row = (name: string, from: ActorInput[], on: ActorInput, to: string, ...asks: string[]): Row => ({
  name,
  from,
  on,
  to,
  asks,
});

/**
 * Tests each row, and that the rows together reach every state that is not transient and take every transition of the
 * chart.
 */
export function table(
  machine: AnyStateMachine,
  id: string,
  parts: Record<string, Row[]>,
  transient: string[] = [],
): void {
  for (const [title, rows] of Object.entries(parts)) {
    describe(title, () => {
      it.each(rows)('$name', ({ from, on, to, asks }) => {
        const actor = play(machine, id);
        actor.take(...from);
        expect(actor.take(on).asks).toEqual(asks);
        expect(pathsOf(actor.value)).toEqual(expect.arrayContaining(to.split(' ').filter(Boolean)));
      });
    });
  }

  it(`the tables of ${id} reach every state and take every transition`, () => {
    const copy = marked(machine);
    const [visited, taken] = [new Set<string>(), new Set<string>()];
    for (const { from, on } of Object.values(parts).flat()) {
      const actor = play(copy.machine, id);
      for (const name of copy.taken(actor.take(...from, on).actions)) taken.add(name);
      for (const state of actor.visited) visited.add(state);
    }
    expect([...visited].sort()).toEqual(stableStates(machine, transient));
    expect(copy.names.filter((name) => !taken.has(name))).toEqual([]);
  }, 120_000);
}
