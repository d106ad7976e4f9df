import { createDelivery } from '../../src/actors/deliver.ts';
import { fromSender, NOT_SUPPRESSED } from '../../src/alerts/emission.ts';
import { createLastSeen } from '../../src/alerts/lastSeen.ts';
import { actionWriters, createRouter } from '../../src/app/actionWriters.ts';
import { registry } from '../../src/app/machineRegistry.ts';
import { createLog } from '../../src/log/log.ts';
import { createReconciler, type ReconcilerDeps } from '../../src/reconcile/reconciler.ts';
import { createFreeScout } from '../../src/tickets/freescout/client.ts';
import { createRefresh } from '../../src/tickets/refresh.ts';
import { startEnvironment } from './environment.ts';
import { trustedClock } from './trustedClock.ts';
import { WAIT_TIMEOUT_MS } from './waitTimeout.ts';

/**
 * An environment with reconcilers and without job workers until `process()` is called, so that a test can break any
 * intermediate state.
 */
export async function startReconcileEnvironment(env: Record<string, string> = {}) {
  const environment = await startEnvironment(env);
  const { pool, config } = environment;
  const policy = {
    autoTicket: true,
    isSilenced: () => false,
    suppressionOf: () => NOT_SUPPRESSED,
    flapMaxEpisodes: 5,
    flapWindowMs: 600_000,
    reopenWithinMs: () => 0,
    escalateAfterMs: () => null,
  };
  const silent = createLog({ level: 'silent' });
  // Many pages are read in one call. That they take long on a busy machine is no failure of FreeScout.
  const patient = { ...config.freescout, timeoutMs: WAIT_TIMEOUT_MS };
  const { deliver } = createDelivery({
    pool,
    registry,
    log: silent,
    writers: actionWriters,
    router: async () => createRouter(policy),
  });
  const lastSeen = createLastSeen(pool);
  const counts: Record<string, number> = {};
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ level: 'info', destination: { write: (line: string) => void lines.push(JSON.parse(line)) } });

  function reconciler(changes: Partial<ReconcilerDeps> = {}) {
    const desk = createFreeScout(patient, { log });
    return createReconciler({
      pool,
      databaseUrl: environment.url,
      clock: trustedClock,
      registry,
      deliver,
      desk,
      refresh: createRefresh({ pool, desk, log: silent }),
      isAutoTicketOn: async () => true,
      settings: { ...patient, silentAfterMinutes: 60 },
      log,
      onDone: (what, times) => {
        counts[what] = (counts[what] ?? 0) + times;
      },
      ...changes,
    });
  }

  return {
    ...environment,
    deliver,
    /** What all reconcilers of this environment counted and logged. */
    told: counts,
    said: lines,
    reconciler,
    /** Reconciles once; resolves with what was repaired. */
    async run(changes: Partial<ReconcilerDeps> = {}) {
      const run = await reconciler(changes).run();
      if (run === null) throw new Error('another run is in progress');
      return run.did;
    },
    /** Reads the open tickets again, as the program does every 30 s. */
    async refresh(): Promise<void> {
      const desk = createFreeScout(patient, { log: silent });
      await createRefresh({ pool, desk, log: silent }).all();
    },
    async emit(id: string, more: { severity?: 'P1' | 'P2' | 'P3'; status?: 'firing' | 'resolved' } = {}) {
      await lastSeen.recordSeen([{ alertKey: `monitor:${id}` }]);
      const input = { alert_id: id, severity: 'P1', status: 'firing', title: `Trouble with ${id}`, ...more } as const;
      await deliver([fromSender('monitor', input, null, policy)]);
    },
    stateOf: async (actorId: string) => {
      const { rows } = await pool.query<{ state: Record<string, unknown>; context: Record<string, unknown> }>(
        "select state, snapshot->'context' as context from actors where id = $1",
        [actorId],
      );
      return rows[0];
    },
    /** The audit rows of the reconciler. */
    audited: async () =>
      (
        await pool.query<{ action: string; payload: Record<string, unknown> }>(
          "select action, payload from audit_log where action like 'console.reconcile.%' order by id",
        )
      ).rows,
  };
}

export type ReconcileEnvironment = Awaited<ReturnType<typeof startReconcileEnvironment>>;
