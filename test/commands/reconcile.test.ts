import { Command } from 'commander';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addCommands } from '../../src/commands/commands.ts';
import { type ReconcileEnvironment, startReconcileEnvironment } from '../support/reconcileEnvironment.ts';

let house: ReconcileEnvironment;
beforeEach(async () => {
  house = await startReconcileEnvironment();
});
afterEach(() => house.close());

async function reconcile(...args: string[]): Promise<string> {
  const program = new Command();
  const out: string[] = [];
  const terminal = { out: (line: string) => void out.push(line), err: () => undefined };
  addCommands(program, { env: { ...house.settings, DATABASE_URL: house.url }, terminal });
  await program.parseAsync(['reconcile', ...args], { from: 'user' });
  return out.join('\n');
}

test('one run says what it did, and the next that everything fits together', async () => {
  await house.emit('jobless');
  await house.pool.query('delete from graphile_worker._private_jobs');
  expect(await reconcile()).toBe('effect requeued: 2\nFreeScout was compared.');
  expect(await reconcile()).toBe('Everything fits together.\nFreeScout was compared.');
});

test('as JSON it says the same to scripts', async () => {
  await house.emit('jobless');
  await house.pool.query('delete from graphile_worker._private_jobs');
  expect(JSON.parse(await reconcile('--json'))).toMatchObject({ desk: 'looked', did: { effect_requeued: 2 } });
});

test('while another run is under way it says so', async () => {
  const client = await house.pool.connect();
  await client.query("select pg_advisory_lock(hashtextextended('reconcile', 0))");
  await expect(reconcile()).rejects.toThrow('A run is under way already');
  client.release(true);
});
