import type { Pool } from 'pg';
import type { Deliver } from '../actors/deliver.ts';
import type { DatabaseClock } from '../db/databaseClock.ts';
import type { CallOptions, ChangeFeed, HelpDesk } from '../tickets/port.ts';
import type { Tally } from './outcomes.ts';

/** Shared by the parts of a run that call the help desk. */
export interface ReconcileContext {
  pool: Pool;
  deliver: Deliver;
  desk: HelpDesk & ChangeFeed;
  tally: Tally;
  clock: DatabaseClock;
  inDoubtSeconds: number;
  /** False once the time of this run is used up; the next run does the rest. */
  hasTime(): boolean;
  /** Options of each call: with lower priority than those of clicks and alerts. */
  call(): CallOptions;
}
