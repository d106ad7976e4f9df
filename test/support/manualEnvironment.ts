import type { Severity } from '../../machines/shared/protocol.ts';
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
import { trustedClock } from './trustedClock.ts';

export type ManualEnvironment = Awaited<ReturnType<typeof startManualEnvironment>>;

/**
 * The real machines on a new database without job workers. A test completes each effect itself, so it can look at every
 * intermediate state.
 */
export async function startManualEnvironment() {
  const database = await createTestDatabase();
  const { pool } = database;
  const lastSeen = createLastSeen(pool);
  const policy = {
    autoTicket: true,
    isSilenced: () => false,
    suppressionOf: () => NOT_SUPPRESSED,
    flapMaxEpisodes: 2,
    flapWindowMs: 600_000,
    reopenWithinMs: () => 0,
    escalateAfterMs: () => null,
  };
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

  const pendingEffect = async (actorId: string, childId: string): Promise<string> =>
    (
      await only<{ id: string }>(
        "select id from effects where actor_id = $1 and child_id = $2 and status = 'pending'",
        [actorId, childId],
      )
    ).id;

  return {
    pool,
    deliver,
    /** Delivers the messages in an actor's inbox. */
    empty,
    drop: database.drop,

    async surfaces(...entries: Record<string, unknown>[]): Promise<void> {
      const surfaces = entries.map((each) => ({ name: `Surface ${each.id}`, url: 'http://127.0.0.1:9/', ...each }));
      await syncSurfaces(pool, parseSurfaces(JSON.stringify({ surfaces }), 'test'));
    },

    /**
     * Records a check result and delivers it, as the poller does. One is enough to change the status; an outage raises an
     * alert of this severity. `own`: settings of this surface.
     */
    async check(
      id: string,
      outcome: 'up' | 'slow' | 'down',
      secondsAgo = 0,
      raises: Severity | null = null,
      own: { failuresToOpen?: number; successesToClose?: number; unstableWindow?: number } = {},
    ): Promise<void> {
      const { at } = await only<{ at: Date }>("select clock_timestamp() - $1 * interval '1 second' as at", [
        secondsAgo,
      ]);
      const error = outcome === 'up' ? null : 'HTTP 500, expected 200 to 299';
      await recordChecks(pool, [{ surfaceId: id, at, outcome, latencyMs: 12, httpStatus: error ? 500 : 200, error }]);
      const policy = { failuresToOpen: 1, successesToClose: 1, severity: { degraded: raises, down: raises } };
      await deliver([
        { to: `surface:${id}`, event: { type: 'CHECKED', outcome, error, name: `Surface ${id}`, ...policy, ...own } },
      ]);
    },

    click: (id: string) =>
      deliver([{ to: `surface:${id}`, event: { type: 'INVESTIGATE', clickId: `${id} ${Math.random()}`, by: 'mia' } }]),

    /** Delivers an emission as the aggregator does. */
    async emit(alertKey: string, facts: Record<string, unknown> = {}): Promise<void> {
      await lastSeen.recordSeen([{ alertKey }]);
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

    /** Completes the pending effect of an actor with this result. */
    async answer(actorId: string, childId: string, output: unknown): Promise<void> {
      const id = await pendingEffect(actorId, childId);
      const event = { type: `xstate.done.actor.${childId}`, output, actorId: childId };
      await deliver([{ to: actorId, event, eventId: `effect:${id}`, effect: { id, status: 'done' } }]);
    },

    /** Ends an effect of an actor as a dead letter. */
    async fail(actorId: string, childId: string, error: { message: string; problem: string }): Promise<void> {
      const id = await pendingEffect(actorId, childId);
      const event = { type: `xstate.error.actor.${childId}`, error, actorId: childId };
      await deliver([{ to: actorId, event, eventId: `effect:${id}`, effect: { id, status: 'dead' } }]);
    },

    /** Completes the planned filing of an actor with this ticket, which is open. */
    async file(actorId: string, ticketId: number): Promise<void> {
      const { id } = await only<{ id: string }>("select id from filings where actor_id = $1 and phase = 'planned'", [
        actorId,
      ]);
      const ticket = { id: ticketId, url: `https://desk.example/conversation/${ticketId}` };
      await createFilingStore(pool, trustedClock).recordTicket(id, ticket);
      await this.answer(actorId, 'file', {
        outcome: 'filed',
        ticket,
        created: true,
        tagged: true,
        whileFailing: false,
      });
    },

    /** Sends all messages and writes all notes that are due, one after the other. */
    async settle(actorId: string): Promise<void> {
      for (;;) {
        const { rows } = await pool.query<{ child: string }>(
          "select child_id as child from effects where actor_id = $1 and child_id in ('dm', 'chore') and status = 'pending'",
          [actorId],
        );
        const [next] = rows;
        if (!next) return;
        await this.answer(actorId, next.child, { outcome: next.child === 'dm' ? 'sent' : 'done' });
      }
    },

    /** Sets the status of a ticket in FreeScout, as last read. */
    setTicketStatus: (ticketId: number, status: string) =>
      pool.query('update filings set ticket_status = $2 where ticket_id = $1', [ticketId, status]),
  };
}
