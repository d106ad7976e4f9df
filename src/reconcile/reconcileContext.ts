import type { Pool } from 'pg';
import type { Deliver } from '../actors/deliver.ts';
import type { CallOptions, ChangeFeed, HelpDesk } from '../tickets/port.ts';
import type { Tally } from './outcomes.ts';

/** What the parts of a run that ask the help desk share. */
export interface ReconcileContext {
  pool: Pool;
  deliver: Deliver;
  desk: HelpDesk & ChangeFeed;
  tally: Tally;
  inDoubtSeconds: number;
  /** False once this run has taken as long as it may; what is left is for the next. */
  hasTime(): boolean;
  /** The terms of each call: behind those of clicks and alerts. */
  call(): CallOptions;
}
