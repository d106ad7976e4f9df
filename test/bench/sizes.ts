/** Sizes that the command line may change. */
export interface Sizes {
  /** How often each lane is measured. */
  rounds: number;
  /** Alerts, events or requests in each round, as far as a scenario has a free choice. */
  count: number;
  /** Surfaces of the status page, of the poller and of an outage. */
  surfaces: number;
  /** Rows in `actor_history` for the scenario of the restart. */
  history: number;
  /** Open status pages. */
  pages: number;
  /** How long the help desk takes to answer, in milliseconds. */
  latency: number;
  /** How long a scenario observes a quiet program, in seconds. */
  seconds: number;
}
