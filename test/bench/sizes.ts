/** Sizes that the command line may change. */
export interface Sizes {
  /** How often each lane is measured. */
  rounds: number;
  /** Alerts, events or requests in each round, as far as a scenario has a free choice. */
  count: number;
  /** Surfaces of the status page, of the poller and of an outage; alerts of a storm. */
  surfaces: number;
  /** Actors in a large database. */
  actors: number;
  /** Rows in `actor_history` before a restart, or in the audit log. */
  history: number;
  /** Open status pages. */
  pages: number;
  /** How long the help desk takes to answer, in milliseconds. */
  latency: number;
  /** How long a scenario observes the program, in seconds. */
  seconds: number;
}

/** Of scenarios that do not say otherwise. */
export const DEFAULTS: Sizes = {
  rounds: 5,
  count: 20_000,
  surfaces: 1_000,
  actors: 100_000,
  history: 1_000_000,
  pages: 100,
  latency: 20,
  seconds: 60,
};

/** Show that everything works, and nothing about how fast. */
export const QUICK: Sizes = {
  rounds: 1,
  count: 20,
  surfaces: 30,
  actors: 200,
  history: 1_000,
  pages: 2,
  latency: 1,
  seconds: 4,
};
