import type { Pool } from 'pg';
import { CONNECTION_ACTOR } from '../../machines/shared/actorId.ts';
import type { Deliver } from '../actors/deliver.ts';
import { IS_OFFLINE } from '../actors/projections/connection.ts';
import { withAnySignal } from '../lib/withAnySignal.ts';
import type { CheckResult } from './probe.ts';
import type { SelfCheckTarget } from './surfacesFile.ts';

/**
 * Detects that we are offline ourselves. Whenever a check fails, a few independent targets are probed; while none of them
 * answers, check results do not count. Another process may still be online, so the console counts as offline only
 * when no process has reached a target for a while.
 */
export interface SelfCheck {
  /** Whether results that have just arrived count. Probes the targets if any result is bad. */
  resultsCount(outcomes: readonly CheckResult['outcome'][]): Promise<boolean>;
  /** Detects the end of the outage, and probes for other processes that reached nothing. Cheap; call it every few seconds. */
  refresh(): Promise<void>;
}

export interface SelfCheckDeps {
  pool: Pick<Pool, 'query'>;
  deliver: Deliver;
  probe: (target: SelfCheckTarget, signal: AbortSignal) => Promise<CheckResult>;
  /** Aborted when the process stops. */
  signal: AbortSignal;
  /** Milliseconds without any reached target after which the console counts as offline. */
  declareAfterMs?: number;
  /** The steady clock and the wall clock, in milliseconds; a host that sleeps may stop either. */
  clocks?: () => Clocks;
}

interface Clocks {
  steady: number;
  wall: number;
}

/** How long the result of a probe is used, so that many failures do not cause as many probes. */
const ANSWER_VALID_MS = 1_000;
const DECLARE_AFTER_MS = 10_000;
/** Before the console counts as offline, this process has asked so often in a row without an answer. */
const ASKS_TO_DECLARE = 3;
/** Asks with a longer pause between them are not in a row: the process was paused, or its host slept. */
const MAX_PAUSE_MS = 10_000;

const ANSWERED = 'update self_checks set answered_at = clock_timestamp() where position = $1';

/** Not more than $1 milliseconds ago. Not in the future either, where a clock that was set back leaves it. */
const isRecent = (column: string) =>
  `${column} between clock_timestamp() - $1 * interval '1 millisecond' and clock_timestamp() + interval '10 seconds'`;

interface FleetState {
  offline: boolean;
  doubted: boolean;
}

export function createSelfCheck(deps: SelfCheckDeps): SelfCheck {
  const { pool, deliver, probe, signal, declareAfterMs = DECLARE_AFTER_MS } = deps;
  const { clocks = () => ({ steady: performance.now(), wall: Date.now() }) } = deps;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let askedAt = Number.NEGATIVE_INFINITY;
  /** The asks in a row that reached no target; null while one is reached. */
  let unreachable: { since: number; asks: number; last: Clocks } | null = null;
  let offline = false;

  async function probeTargets(): Promise<boolean> {
    const { rows } = await pool.query<{ position: number; config: SelfCheckTarget }>(
      'select position, config from self_checks order by position',
    );
    const began = clocks();
    const position = rows.length === 0 ? null : await firstAnswer(rows);
    if (signal.aborted) return false;
    if (rows.length === 0 || position !== null) {
      answeredAt = clocks().steady;
      unreachable = null;
      if (position !== null) await pool.query(ANSWERED, [position]);
      if (offline) await deliver([{ to: CONNECTION_ACTOR, event: { type: 'REACHED' } }]);
      offline = false;
      return true;
    }
    unreachable = countAsk(began, clocks(), Math.max(...rows.map(({ config }) => config.timeoutMs)));
    askedAt = unreachable.last.steady;
    const { rows: others } = await pool.query<{ reached: boolean }>(
      `with doubt as (update self_checks set doubted_at = clock_timestamp())
       select exists (select from self_checks where ${isRecent('answered_at')}) as reached`,
      [declareAfterMs],
    );
    const isLong = unreachable.last.steady - unreachable.since >= declareAfterMs && unreachable.asks >= ASKS_TO_DECLARE;
    if (!offline && !others[0]?.reached && isLong) {
      await deliver([{ to: CONNECTION_ACTOR, event: { type: 'LOST', targets: rows.length } }]);
      offline = true;
    }
    return false;
  }

  /** Counts one more request without an answer. After a pause, by either clock, the count starts again. */
  function countAsk(began: Clocks, ended: Clocks, timeoutMs: number) {
    const pauseMs = Math.max(passedMs(began, ended) - timeoutMs, unreachable ? passedMs(unreachable.last, began) : 0);
    return unreachable && pauseMs <= Math.max(MAX_PAUSE_MS, declareAfterMs)
      ? { since: unreachable.since, asks: unreachable.asks + 1, last: ended }
      : { since: ended.steady, asks: 1, last: ended };
  }

  /** The position of the first target that answers as expected; null when none does. */
  async function firstAnswer(
    targets: readonly { position: number; config: SelfCheckTarget }[],
  ): Promise<number | null> {
    const stopOthers = new AbortController();
    try {
      return await withAnySignal([signal, stopOthers.signal], (any) =>
        Promise.any(
          targets.map(async ({ position, config }) => {
            const { outcome } = await probe(config, any);
            if (outcome === 'down') throw new Error('no answer');
            return position;
          }),
        ).finally(() => stopOthers.abort()),
      );
    } catch {
      return null;
    }
  }

  return {
    async resultsCount(outcomes) {
      const isUnreachable = offline || unreachable !== null;
      if (!isUnreachable && outcomes.every((outcome) => outcome === 'up')) return true;
      if (!isUnreachable && clocks().steady - answeredAt < ANSWER_VALID_MS) return true;
      if (unreachable !== null && clocks().steady - askedAt < ANSWER_VALID_MS) return false;
      return probeTargets();
    },
    async refresh() {
      const { rows } = await pool.query<FleetState>(
        `select exists (select from actors where ${IS_OFFLINE}) as offline,
           exists (select from self_checks where ${isRecent('doubted_at')}) as doubted`,
        [2 * declareAfterMs],
      );
      offline = rows[0]?.offline ?? false;
      if (offline || unreachable !== null || rows[0]?.doubted) await probeTargets();
    },
  };
}

/** Either clock may stand still or be set back while the host sleeps. */
const passedMs = (from: Clocks, to: Clocks): number => Math.max(to.steady - from.steady, to.wall - from.wall);

/** Stores the targets of the file; results of targets that stay are kept. */
export async function syncSelfChecks(pool: Pick<Pool, 'query'>, targets: readonly SelfCheckTarget[]): Promise<void> {
  await pool.query(
    `with wanted as (
       select position::int, config from jsonb_array_elements($1::jsonb) with ordinality as x(config, position)
     ), gone as (
       delete from self_checks where position not in (select position from wanted)
     )
     insert into self_checks (position, config) select position, config from wanted
     on conflict (position) do update set config = excluded.config
       where self_checks.config is distinct from excluded.config`,
    [JSON.stringify(targets)],
  );
}
