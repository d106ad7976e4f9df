import { describe, expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { type Happening, pathsOf, play, restingStates } from './driver.ts';
import { marked } from './markedMachine.ts';

/** What happened before, what happens now, where that leads (dotted paths, parted by blanks), what it asks for. */
export interface Row {
  name: string;
  from: Happening[];
  on: Happening;
  to: string;
  asks: string[];
}

export const row = (name: string, from: Happening[], on: Happening, to: string, ...asks: string[]): Row => ({
  name,
  from,
  on,
  to,
  asks,
});

/**
 * Tests each row, and that the rows together rest in every state but those that are only passed, and take every
 * transition of the chart.
 */
export function table(
  machine: AnyStateMachine,
  id: string,
  parts: Record<string, Row[]>,
  passing: string[] = [],
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

  it('the tables rest in every state and take every transition', () => {
    const copy = marked(machine);
    const [rested, taken] = [new Set<string>(), new Set<string>()];
    for (const { from, on } of Object.values(parts).flat()) {
      const actor = play(copy.machine, id);
      for (const name of copy.taken(actor.take(...from, on).says)) taken.add(name);
      for (const state of actor.rested) rested.add(state);
    }
    expect([...rested].sort()).toEqual(restingStates(machine, passing));
    expect(copy.names.filter((name) => !taken.has(name))).toEqual([]);
  }, 120_000);
}
