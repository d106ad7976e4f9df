import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ReconcileEnvironment, startReconcileEnvironment } from '../support/reconcileEnvironment.ts';
import { run } from './run.ts';

let environment: ReconcileEnvironment;
beforeEach(async () => {
  environment = await startReconcileEnvironment();
});
afterEach(() => environment.close());

const reconcile = (...args: string[]) =>
  run(['reconcile', ...args], { ...environment.settings, DATABASE_URL: environment.url });

async function loseJobs(): Promise<void> {
  await environment.emit('jobless');
  await environment.pool.query('delete from graphile_worker._private_jobs');
}

test('reconcile prints its repairs, and that nothing is left to repair in the next run', async () => {
  await loseJobs();
  expect((await reconcile()).out).toEqual(['effect requeued: 2', 'FreeScout was compared.']);
  expect((await reconcile()).out).toEqual(['No discrepancies found.', 'FreeScout was compared.']);
});

test('reconcile --json prints the result of the run', async () => {
  await loseJobs();
  const { out } = await reconcile('--json');
  expect(JSON.parse(out.join('\n'))).toMatchObject({ desk: 'looked', did: { effect_requeued: 2 } });
});

test('reconcile fails while another run is in progress', async () => {
  const client = await environment.pool.connect();
  await client.query("select pg_advisory_lock(hashtextextended('reconcile', 0))");
  expect((await reconcile()).failure).toMatch(/^The reconciler is already running/);
  client.release(true);
});
