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

/**
 * A house in which nobody works the jobs until a process is started, so that every moment in between can be broken by
 * hand; with a reconciler, or any number of them.
 */
export async function startReconcileEnvironment(env: Record<string, string> = {}) {
  const house = await startEnvironment(env);
  const { pool, config } = house;
  const policy = { autoTicket: true, suppressionOf: () => NOT_SUPPRESSED, flapMaxEpisodes: 5, flapWindowMs: 600_000 };
  const quiet = createLog({ level: 'silent' });
  const { deliver } = createDelivery({
    pool,
    registry,
    log: quiet,
    writers: actionWriters,
    router: async () => createRouter(policy),
  });
  const sightings = createLastSeen(pool, 60);
  const told: Record<string, number> = {};
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ level: 'info', destination: { write: (line: string) => void lines.push(JSON.parse(line)) } });

  function reconciler(changes: Partial<ReconcilerDeps> = {}) {
    const desk = createFreeScout(config.freescout, { log });
    return createReconciler({
      pool,
      registry,
      deliver,
      desk,
      refresh: createRefresh({ pool, desk, log: quiet }),
      isAutoTicketOn: async () => true,
      settings: { ...config.freescout, silentAfterMinutes: 60 },
      log,
      onDone: (what, times) => {
        told[what] = (told[what] ?? 0) + times;
      },
      ...changes,
    });
  }

  return {
    ...house,
    deliver,
    /** What the metrics were told, and what was logged, by all reconcilers of this house. */
    told,
    said: lines,
    reconciler,
    /** One run; answers what it did. */
    async run(changes: Partial<ReconcilerDeps> = {}) {
      const run = await reconciler(changes).run();
      if (run === null) throw new Error('another run was under way');
      return run.did;
    },
    /** Lists the open tickets anew, as is done every half a minute. */
    async refresh(): Promise<void> {
      const desk = createFreeScout(config.freescout, { log: quiet });
      await createRefresh({ pool, desk, log: quiet }).all();
    },
    async emit(id: string, more: { severity?: 'P1' | 'P2' | 'P3'; status?: 'firing' | 'resolved' } = {}) {
      await sightings.recordSeen([`monitor:${id}`]);
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
    /** Every audit row of the reconciler: its action and what it says. */
    audited: async () =>
      (
        await pool.query<{ action: string; payload: Record<string, unknown> }>(
          "select action, payload from audit_log where action like 'console.reconcile.%' order by id",
        )
      ).rows,
  };
}

export type ReconcileEnvironment = Awaited<ReturnType<typeof startReconcileEnvironment>>;
