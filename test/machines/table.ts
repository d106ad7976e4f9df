import { describe, expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { type Happening, pathsOf, play, restingStates } from './drive.ts';

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

/** Tests each row, and that the rows together rest in every state but those that are only passed. */
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

  it('the tables rest in every state', () => {
    const rested = Object.values(parts)
      .flat()
      .flatMap(({ from, on }) => {
        const actor = play(machine, id);
        actor.take(...from, on);
        return [...actor.rested];
      });
    expect([...new Set(rested)].sort()).toEqual(restingStates(machine, passing));
  });
}
