import fc from 'fast-check';

/** What may happen next, by name; which of it does is drawn. Checks itself whenever something has happened. */
export interface WalkedSystem {
  choices(): Record<string, () => void>;
  check(): void;
  /** Lets everything come to its end, and checks that nothing is left undone. */
  end(): void;
}

/** Walks through many worlds at random, the same ones each time; of a walk that fails the shortest is shown. */
export function walkRandomly(start: () => WalkedSystem, { runs, steps }: { runs: number; steps: number }): void {
  fc.assert(
    fc.property(fc.array(fc.nat(9_999), { maxLength: steps, size: 'max' }), (draws) => {
      const world = start();
      const path: string[] = [];
      try {
        for (const draw of draws) {
          const choices = Object.entries(world.choices());
          const [name, happen] = choices[draw % choices.length] ?? ['nothing', () => undefined];
          path.push(name);
          happen();
          world.check();
        }
        path.push('the end');
        world.end();
        world.check();
      } catch (error) {
        throw new Error(`after ${path.join(', ')}: ${(error as Error).message}`, { cause: error });
      }
    }),
    { numRuns: runs, seed: 20_260_505 },
  );
}
