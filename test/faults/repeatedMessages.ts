import { surfaceActor } from '../../machines/shared/actorId.ts';
import { deliveryJob } from '../../src/actors/enqueue.ts';
import type { RestartableDatabase } from './database.ts';
import { count, type Ledger } from './ledger.ts';
import { PARKED } from './surfacesFile.ts';

const BY = 'queue';
const HOUR_MS = 3_600_000;

/**
 * Messages that the queue delivers twice, the second time late and after others, as it does when a process ends between
 * its work and the end of its job. Each sets a maintenance window, so one that takes effect twice is in the audit log twice.
 */
export function createRepeatedMessages(database: Pick<RestartableDatabase, 'rows'>, ledger: Ledger) {
  const from = Date.now() + HOUR_MS;

  return {
    async send(lateMs: number): Promise<void> {
      const n = ledger.repeated.size + 1;
      const until = new Date(from + n * 1_000).toISOString();
      const event = { type: 'MAINTENANCE_SET', until, reason: 'a repeated message', by: BY };
      const { identifier, payload, priority } = deliveryJob([
        { to: surfaceActor(PARKED), event, eventId: `repeated:${n}` },
      ]);
      // The database may end before it answers.
      ledger.repeated.set(until, 'unknown');
      await database.rows(ADD_TWICE, [identifier, JSON.stringify(payload), [0, Math.round(lateMs)], priority]).then(
        () => ledger.repeated.set(until, 'sent'),
        () => undefined,
      );
      count(ledger.counts, 'messages delivered twice');
    },
  };
}

const ADD_TWICE = `
  select graphile_worker.add_job($1, $2::json, run_at := now() + late * interval '1 millisecond', priority := $4::int)
  from unnest($3::int[]) as late`;
