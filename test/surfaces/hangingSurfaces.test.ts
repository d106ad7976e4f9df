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
  const checks = new Map(healthy.map((id) => [id, 0]));
  let hanging = 0;
  poller = createPoller({
    pool: environment.pool,
    deliver: environment.process().deliver,
    probe: async ({ id }, signal) => {
      if (id.startsWith('healthy')) {
        checks.set(id, (checks.get(id) ?? 0) + 1);
        return UP;
      }
      hanging += 1;
      await new Promise((resolve) => signal?.addEventListener('abort', resolve));
      return CANCELLED;
    },
    intervalSeconds: 3_600,
    maxInFlight: AT_ONCE,
    log: createLog({ level: 'silent' }),
  });
  poller.start();
  await eventually(() => expect(Math.min(...checks.values())).toBeGreaterThanOrEqual(5));
  // Those that hang have their places all the same: three quarters of them.
  expect(hanging).toBe(12);
  expect(warnings, 'the signals of many checks are no leak').toEqual([]);
});
