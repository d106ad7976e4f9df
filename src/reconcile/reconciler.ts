import type { Pool } from 'pg';
import type { Deliver } from '../actors/deliver.ts';
import { isHelpdeskFailing } from '../actors/projections/helpdesk.ts';
import type { Registry } from '../actors/registry.ts';
import type { DatabaseClock } from '../db/databaseClock.ts';
import { withFleetLock } from '../db/lock.ts';
import type { Log } from '../log/log.ts';
import { type ChangeFeed, type HelpDesk, TicketError } from '../tickets/port.ts';
import type { Refresh } from '../tickets/refresh.ts';
import { compareChanges } from './changes.ts';
import { compareKeys, recheckDuplicates } from './duplicates.ts';
import { closeAbandonedIntents } from './intents.ts';
import { restoreTags } from './missingTags.ts';
import { createTally, type DeskLook, type Outcome, type Tally } from './outcomes.ts';
import type { ReconcileContext } from './reconcileContext.ts';
import { compareActors } from './stuckActors.ts';

/** The result of one run. */
export interface Run {
  took_ms: number;
  desk: DeskLook;
  /** How often each repair or report occurred; empty where no discrepancies were found. */
  did: Partial<Record<Outcome, number>>;
}

/**
 * Compares actors, filings and the tickets of the help desk, and repairs discrepancies: through the actors where there is
 * something to decide, and never by filing on its own. Each repair happens once, even if the process is killed in the
 * middle or two processes start at the same moment.
 */
export interface Reconciler {
  /** Null where a run is already in progress in any process. Throws where the database fails. */
  run(signal?: AbortSignal): Promise<Run | null>;
}

export interface ReconcilerDeps {
  pool: Pool;
  /** Of the server itself, without a pooler: a lock for all processes needs a session. */
  databaseUrl: string;
  clock: DatabaseClock;
  registry: Registry;
  deliver: Deliver;
  desk: HelpDesk & ChangeFeed;
  refresh: Refresh;
  isAutoTicketOn: () => Promise<boolean>;
  settings: { timeoutMs: number; inDoubtSeconds: number; silentAfterMinutes: number };
  log: Log;
  onDone: (what: Outcome, times: number) => void;
}

/** No call to the help desk begins later than this in a run. */
const BUDGET_MS = 20_000;

export function createReconciler(deps: ReconcilerDeps): Reconciler {
  const { pool, settings, log } = deps;
  return {
    run: (signal) => withFleetLock(deps.databaseUrl, 'reconcile', () => runOnce(signal)),
  };

  async function runOnce(signal: AbortSignal | undefined): Promise<Run> {
    const began = performance.now();
    const tally = createTally(deps.onDone);
    await compareActors({ ...deps, silentAfterMinutes: settings.silentAfterMinutes, tally });
    await compareKeys({ pool, tally });
    const desk = (await isHelpdeskFailing(pool)) ? 'failing' : await compareDesk(tally, signal, began);
    const run: Run = { took_ms: Math.round(performance.now() - began), desk, did: tally.counts() };
    await pool.query('update reconcile_run set ran_at = clock_timestamp(), took_ms = $1, desk = $2, did = $3', [
      run.took_ms,
      run.desk,
      JSON.stringify(run.did),
    ]);
    if (Object.keys(run.did).length > 0) log.info({ ...run.did, took_ms: run.took_ms }, 'reconciler');
    return run;
  }

  async function compareDesk(tally: Tally, signal: AbortSignal | undefined, began: number): Promise<DeskLook> {
    const left = (): number => BUDGET_MS - (performance.now() - began);
    const work: ReconcileContext = {
      pool,
      deliver: deps.deliver,
      desk: deps.desk,
      tally,
      clock: deps.clock,
      inDoubtSeconds: settings.inDoubtSeconds,
      hasTime: () => left() > 0 && !signal?.aborted,
      call: () => ({ patient: true, timeoutMs: settings.timeoutMs, ...(signal ? { signal } : {}) }),
    };
    if (await isListStale(pool)) await deps.refresh.all(signal);
    const problems: TicketError['problem'][] = [];
    /** One duty that fails does not keep the others from their turn. The adapter has logged the error; a later run continues. */
    const attempt = async <T>(duty: (work: ReconcileContext) => Promise<T>): Promise<T | null> => {
      try {
        return await duty(work);
      } catch (error) {
        if (!(error instanceof TicketError)) throw error;
        problems.push(error.problem);
        return null;
      }
    };
    const sawAll = await attempt(compareChanges);
    await attempt(closeAbandonedIntents);
    await attempt(restoreTags);
    await attempt(recheckDuplicates);
    if (problems.includes('not_configured')) return 'not_configured';
    if (problems.length > 0) return 'failed';
    return sawAll && work.hasTime() ? 'looked' : 'cut_short';
  }
}

/** A polling process lists open tickets every 25 s; for a command without one, they are listed now. */
async function isListStale(pool: Pool): Promise<boolean> {
  const { rowCount } = await pool.query(`
    select 1 from filings where ticket_status in ('active', 'pending')
    having max(checked_at) < clock_timestamp() - interval '60 seconds'`);
  return (rowCount ?? 0) > 0;
}
