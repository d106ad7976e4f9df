import type { Environment } from './environment.ts';
import type { Sizes } from './sizes.ts';

/** One of the things that a scenario measures alternately: the program, a peer, or the floor below both. */
export interface Lane {
  name: string;
  /** Returns the figures of one round by name, such as `alerts per second`. */
  measure(round: number): Promise<Record<string, number>>;
}

/** The ratio of two figures of the same round. */
export interface Comparison {
  figure: string;
  of: string;
  to: string;
  /** The figure of the other lane, if it has another name. */
  toFigure?: string;
  /** What the ratio should be, as shown in the table. */
  aim: string;
}

/** What a figure of a lane should be, such as `≤ 5`. */
export interface Limit {
  lane: string;
  figure: string;
  aim: string;
}

export interface Scenario {
  /** Selects the scenario on the command line. */
  name: string;
  /** One line: what is measured. */
  title: string;
  /** What the figures should be. */
  aim: string;
  /** What limits the figures. */
  bound: string;
  comparisons: readonly Comparison[];
  limits?: readonly Limit[];
  /** Sizes that differ from those of the other scenarios. */
  sizes?: Partial<Sizes>;
  /** Starts what the scenario needs. Lanes are measured in the order in which they are returned. */
  prepare(environment: Environment, sizes: Sizes): Promise<Lane[]>;
}
