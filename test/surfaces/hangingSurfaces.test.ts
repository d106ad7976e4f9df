import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest';
import { createLog } from '../../src/log/log.ts';
import { createPoller, type Poller } from '../../src/surfaces/poller.ts';
import type { CheckResult } from '../../src/surfaces/probe.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

const UP: CheckResult = { outcome: 'up', latencyMs: 3, httpStatus: 200, error: null };
const CANCELLED: CheckResult = { outcome: 'down', latencyMs: null, httpStatus: null, error: 'cancelled' };
const AT_ONCE = 16;

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let poller: Poller;
beforeAll(async () => {
  environment = await startEnvironment();
});
afterEach(() => poller.stop());
afterAll(() => environment.close());

const named = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name}-${n}`);

/** Polls surfaces of which those named `healthy-…` are up, and the others give no answer until their check is cancelled. */
function poll() {
  const seen = { checks: new Map<string, number>(), hanging: 0, mostHanging: 0 };
  poller = createPoller({
    pool: environment.pool,
    deliver: environment.process().deliver,
    probe: async ({ id }, signal) => {
      if (id.startsWith('healthy')) {
        seen.checks.set(id, (seen.checks.get(id) ?? 0) + 1);
        return UP;
      }
      if (signal?.aborted) return CANCELLED;
      seen.hanging += 1;
      seen.mostHanging = Math.max(seen.mostHanging, seen.hanging);
      await new Promise((resolve) => signal?.addEventListener('abort', resolve));
      seen.hanging -= 1;
      return CANCELLED;
    },
    intervalSeconds: 3_600,
    maxInFlight: AT_ONCE,
    log: createLog({ level: 'silent' }),
  });
  poller.start();
  return seen;
}
const fewest = (ids: readonly string[], checks: ReadonlyMap<string, number>): number =>
  Math.min(...ids.map((id) => checks.get(id) ?? 0));

it('hundreds of surfaces that never answer, or late, do not delay the checks of the others', async () => {
  const healthy = named('healthy', 12);
  const hangs = [...named('silent', 150), ...named('late', 150)];
  const listed = [...hangs, ...healthy].map((id) => ({ id, interval_seconds: 1 }));
  await environment.surfaces(...listed);
  await environment.pool.query("update surfaces set outcome = 'down' where id like 'silent-%'");
  const late = "outcome = 'slow', http_status = 200, latency_ms = 4900";
  await environment.pool.query(`update surfaces set ${late} where id like 'late-%'`);
  const warnings: Error[] = [];
  const warned = (warning: Error) => warnings.push(warning);
  process.on('warning', warned);
  onTestFinished(() => void process.off('warning', warned));
  const seen = poll();
  await eventually(() => expect(fewest(healthy, seen.checks)).toBeGreaterThanOrEqual(5));
  // Those that hang have their places all the same: three quarters of them.
  await eventually(() => expect(seen.hanging).toBe(12));
  expect(warnings, 'the signals of many checks are no leak').toEqual([]);
});

it('surfaces that were up and begin to hang, all at once, do not delay the checks of the others', async () => {
  const healthy = named('healthy', 12);
  const onset = named('onset', 2 * AT_ONCE);
  // In the order in which they are due: those that hang come first, and take every place.
  await environment.surfaces(...[...onset, ...healthy].map((id) => ({ id, interval_seconds: 1, timeout_ms: 60_000 })));
  await environment.pool.query(
    `update surfaces set outcome = 'up', http_status = 200, latency_ms = 3,
       next_check_at = clock_timestamp() - case when id like 'onset-%' then interval '1 minute' else interval '0' end`,
  );
  const seen = poll();
  await eventually(() => expect(fewest(healthy, seen.checks)).toBeGreaterThanOrEqual(3));
  expect(seen.mostHanging).toBe(AT_ONCE);
  await eventually(() => expect(seen.hanging).toBe(12));
  const { rows } = await environment.pool.query(
    "select count(*)::int as n from checks where surface_id like 'onset-%'",
  );
  expect(rows, 'a check that was given up is not a result').toEqual([{ n: 0 }]);
});
