import type { Pool } from 'pg';
import { alertsOf, batches, postAlerts } from './alerts.ts';
import { waitFor } from './waitFor.ts';

/** Storms one after the other, for as long as something is measured among them. Each has a source of its own. */
export interface Storms {
  /**
   * The sources of the storms with accepted alerts that are not decided yet. Each call looks how far the storms are, and
   * sends the next one when less than half of a storm is left.
   */
  underWay(): Promise<ReadonlySet<string>>;
  /** Resolves when all alerts are decided. Sends no further storm. */
  over(): Promise<void>;
  /** How many storms have been sent. */
  sent(): number;
}

interface Storm {
  source: string;
  /** By the clock of the database; no decision on its alerts is older. */
  since: string;
  accepted: number;
}

/** An alert is decided when it has its ticket, or has been refused one: in a storm for a place on the umbrella ticket. */
const DECIDED = `
  select actor as source, count(distinct payload->>'alert_key')::int as decided
  from audit_log
  where action in ('console.alerts.ticket_filed', 'console.alerts.ticket_skipped')
    and created_at >= $1::timestamptz and actor = any($2)
  group by actor`;

export function createStorms({ pool, url, size }: { pool: Pool; url: string; size: number }): Storms {
  let storms: Storm[] = [];
  let sent = 0;
  let sending = false;
  let failure: Error | null = null;

  async function send(): Promise<void> {
    sent += 1;
    const { rows } = await pool.query<{ since: string }>('select clock_timestamp()::text as since');
    const storm: Storm = { source: `storm-${sent}`, since: rows[0]?.since ?? '', accepted: 0 };
    storms.push(storm);
    // A longer name would not leave its alerts different in the first characters of their ids.
    for (const batch of batches(alertsOf(`st${sent}`, size))) {
      await postAlerts(url, batch, 'P2', storm.source);
      storm.accepted += batch.length;
    }
  }

  /** How many accepted alerts are undecided, by source. Forgets the storms that are over. */
  async function undecided(): Promise<Map<string, number>> {
    if (failure) throw failure;
    // What is accepted during the read counts at the next one.
    const looked = storms.map((storm) => ({ ...storm }));
    const [oldest] = looked;
    if (!oldest) return new Map();
    const sources = looked.map(({ source }) => source);
    const { rows } = await pool.query<{ source: string; decided: number }>(DECIDED, [oldest.since, sources]);
    const decided = new Map(rows.map(({ source, decided: n }) => [source, n]));
    storms = storms.filter(({ source }) => (decided.get(source) ?? 0) < size);
    return new Map(looked.map(({ source, accepted }) => [source, accepted - (decided.get(source) ?? 0)]));
  }

  return {
    async underWay() {
      const left = await undecided();
      if (!sending && [...left.values()].reduce((sum, n) => sum + n, 0) < size / 2) {
        sending = true;
        send()
          .catch((error: Error) => {
            failure = error;
          })
          .finally(() => {
            sending = false;
          });
      }
      return new Set([...left].flatMap(([source, n]) => (n > 0 ? [source] : [])));
    },
    over: () => waitFor(async () => (await undecided()).size === 0 && !sending),
    sent: () => sent,
  };
}
