import fc from 'fast-check';

/** A system for random walks. `choices` are the possible next events by name; `check` runs after each of them. */
export interface WalkedSystem {
  choices(): Record<string, () => void>;
  check(): void;
  /** Lets all pending work finish, and checks that nothing is left. */
  end(): void;
}

/** Runs random walks, the same ones each time. A failing walk is reduced to the shortest one. */
export function walkRandomly(start: () => WalkedSystem, { runs, steps }: { runs: number; steps: number }): void {
  fc.assert(
    fc.property(fc.array(fc.nat(9_999), { maxLength: steps, size: 'max' }), (draws) => {
      const system = start();
      const path: string[] = [];
      try {
        for (const draw of draws) {
          const choices = Object.entries(system.choices());
          const [name, perform] = choices[draw % choices.length] ?? ['nothing', () => undefined];
          path.push(name);
          perform();
          system.check();
        }
        path.push('the end');
        system.end();
        system.check();
      } catch (error) {
        throw new Error(`after ${path.join(', ')}: ${(error as Error).message}`, { cause: error });
      }
    }),
    { numRuns: runs, seed: 20_260_505 },
  );
}
