import type { Progress } from '../../src/lib/progress.ts';
import { startEnvironment } from './environment.ts';
import type { Comparison, Lane, Limit, Scenario } from './scenario.ts';
import type { Sizes } from './sizes.ts';
import { type Summary, summary } from './statistics.ts';

export interface Figure extends Summary {
  lane: string;
  name: string;
  /** One value for each round. */
  values: number[];
}

export interface Ratio extends Summary, Comparison {}

/** What was measured in one scenario. */
export interface Result {
  scenario: string;
  title: string;
  aim: string;
  bound: string;
  sizes: Sizes;
  figures: Figure[];
  ratios: Ratio[];
  limits: readonly Limit[];
  /** What could not be measured, and why. */
  remarks: string[];
}

type Rounds = Map<string, Record<string, number>[]>;

/**
 * Measures the lanes of a scenario alternately, so that another load of the machine affects all of them. The ratios are
 * those of figures from the same round.
 */
export async function runScenario(
  scenario: Scenario,
  sizes: Sizes,
  {
    progress,
    database,
    profiles,
  }: { progress: Progress; database?: string | undefined; profiles?: string | undefined },
): Promise<Result> {
  const say = (what: string) => progress.say(`${scenario.name}: ${what}`);
  say('starting');
  const environment = await startEnvironment(sizes, { database, profiles, say });
  try {
    const lanes = await scenario.prepare(environment, sizes);
    const rounds: Rounds = new Map(lanes.map(({ name }) => [name, []]));
    for (let round = 1; round <= sizes.rounds; round++) {
      for (const lane of alternating(lanes, round)) {
        say(`round ${round} of ${sizes.rounds}, ${lane.name}`);
        rounds.get(lane.name)?.push(await lane.measure(round));
      }
    }
    const { name, title, aim, bound } = scenario;
    return {
      ...{ scenario: name, title, aim, bound, sizes },
      figures: figuresOf(rounds),
      ratios: scenario.comparisons.flatMap((comparison) => ratioOf(comparison, rounds)),
      limits: scenario.limits ?? [],
      remarks: environment.remarks,
    };
  } finally {
    await environment.stop();
  }
}

/** Every second round in the opposite order, so that no lane always runs after the same other one. */
const alternating = (lanes: Lane[], round: number): Lane[] => (round % 2 === 1 ? lanes : lanes.toReversed());

function figuresOf(rounds: Rounds): Figure[] {
  return [...rounds].flatMap(([lane, measured]) =>
    Object.keys(measured[0] ?? {}).map((name) => {
      const values = measured.map((figures) => figures[name] ?? Number.NaN);
      return { lane, name, values, ...summary(values) };
    }),
  );
}

/** None if one of the two lanes is absent. */
function ratioOf(comparison: Comparison, rounds: Rounds): Ratio[] {
  const [of, to] = [rounds.get(comparison.of), rounds.get(comparison.to)];
  if (!of || !to) return [];
  const values = of.map(
    (figures, n) =>
      (figures[comparison.figure] ?? Number.NaN) / (to[n]?.[comparison.toFigure ?? comparison.figure] ?? Number.NaN),
  );
  return [{ ...comparison, ...summary(values) }];
}
