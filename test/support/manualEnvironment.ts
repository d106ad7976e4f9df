import { createDelivery } from '../../src/actors/deliver.ts';
import { NOT_SUPPRESSED } from '../../src/alerts/emission.ts';
import { createLastSeen } from '../../src/alerts/lastSeen.ts';
import { actionWriters, createRouter } from '../../src/app/actionWriters.ts';
import { registry } from '../../src/app/machineRegistry.ts';
import { createLog } from '../../src/log/log.ts';
import { recordChecks } from '../../src/surfaces/checks.ts';
import { parseSurfaces } from '../../src/surfaces/surfacesFile.ts';
import { syncSurfaces } from '../../src/surfaces/sync.ts';
import { createFilingStore } from '../../src/tickets/filingStore.ts';
import { createTestDatabase } from './db.ts';

export type ManualEnvironment = Awaited<ReturnType<typeof startManualEnvironment>>;

/**
 * The real machines on a database of their own, with nobody working the jobs: what effects come to is told by hand, so
 * that every moment in between can be looked at.
 */
export async function startManualEnvironment() {
  const database = await createTestDatabase();
  const { pool } = database;
  const sightings = createLastSeen(pool, 60);
  const policy = { autoTicket: true, suppressionOf: () => NOT_SUPPRESSED, flapMaxEpisodes: 2, flapWindowMs: 600_000 };
  const { deliver, empty } = createDelivery({
    pool,
    registry,
    log: createLog({ level: 'silent' }),
    writers: actionWriters,
    router: async () => createRouter(policy),
  });

  async function only<T>(sql: string, values: unknown[]): Promise<T> {
    const { rows } = await pool.query(sql, values);
    if (rows.length === 0) throw new Error(`nothing found: ${sql} ${JSON.stringify(values)}`);
    return rows[0] as T;
  }

  return {
    pool,
    deliver,
    /** Gives an actor what others left in its inbox. */
    empty,
    drop: database.drop,

    async surfaces(...given: Record<string, unknown>[]): Promise<void> {
      const surfaces = given.map((each) => ({ name: `Surface ${each.id}`, url: 'http://127.0.0.1:9/', ...each }));
      await syncSurfaces(pool, parseSurfaces(JSON.stringify({ surfaces }), 'test'));
    },

    /** Checks as the poller makes them: written down, and told to the surface. One bad check is enough. */
    async check(id: string, outcome: 'up' | 'slow' | 'down', secondsAgo = 0): Promise<void> {
      const { at } = await only<{ at: Date }>("select clock_timestamp() - $1 * interval '1 second' as at", [
        secondsAgo,
      ]);
      const error = outcome === 'up' ? null : 'HTTP 500, expected 200 to 299';
      await recordChecks(pool, [{ surfaceId: id, at, outcome, latencyMs: 12, httpStatus: error ? 500 : 200, error }]);
      const policy = { failuresToOpen: 1, successesToClose: 1, severity: { degraded: null, down: null } };
      await deliver([
        { to: `surface:${id}`, event: { type: 'CHECKED', outcome, error, name: `Surface ${id}`, ...policy } },
      ]);
    },

    click: (id: string) =>
      deliver([{ to: `surface:${id}`, event: { type: 'INVESTIGATE', clickId: `${id} ${Math.random()}`, by: 'mia' } }]),

    /** An emission as the aggregator passes it on. */
    async emit(alertKey: string, facts: Record<string, unknown> = {}): Promise<void> {
      await sightings.recordSeen([alertKey]);
      const event = {
        type: 'EMITTED',
        alertId: `${alertKey} in full`,
        severity: 'P1',
        title: 'Disk is full',
        details: null,
        url: null,
        surfaceId: null,
        surfaceName: null,
        held: null,
        flapMaxEpisodes: policy.flapMaxEpisodes,
        flapWindowMs: policy.flapWindowMs,
        ...facts,
      };
      await deliver([{ to: `alert:${alertKey}`, event }]);
    },

    resolve: (alertKey: string) =>
      deliver([{ to: `alert:${alertKey}`, event: { type: 'RESOLVED', alertId: `${alertKey} in full`, reason: null } }]),

    /** What the effect that an actor waits for came to. */
    async answer(actorId: string, childId: string, output: unknown): Promise<void> {
      const { id } = await only<{ id: string }>(
        "select id from effects where actor_id = $1 and child_id = $2 and status = 'pending'",
        [actorId, childId],
      );
      const event = { type: `xstate.done.actor.${childId}`, output, actorId: childId };
      await deliver([{ to: actorId, event, eventId: `effect:${id}`, effect: { id, status: 'done' } }]);
    },

    /** The filing that an actor waits for gets its ticket, which the help desk calls open. */
    async file(actorId: string, ticketId: number): Promise<void> {
      const { id } = await only<{ id: string }>("select id from filings where actor_id = $1 and phase = 'planned'", [
        actorId,
      ]);
      const ticket = { id: ticketId, url: `https://desk.example/conversation/${ticketId}` };
      await createFilingStore(pool).recordTicket(id, ticket, null);
      await this.answer(actorId, 'file', {
        outcome: 'filed',
        ticket,
        created: true,
        tagged: true,
        whileFailing: false,
      });
    },

    /** What the help desk says of a ticket now. */
    say: (ticketId: number, status: string) =>
      pool.query('update filings set ticket_status = $2 where ticket_id = $1', [ticketId, status]),
  };
}
