import { setImmediate as pause } from 'node:timers/promises';
import pg from 'pg';
import { isDatabaseGone } from './databaseGone.ts';
import { isPlanOutdated, sqlStateMeans } from './sqlStates.ts';

/**
 * Statements that one connection sends ahead of the answers to those before them. Postgres still runs them in the order
 * in which they were sent.
 *
 * - `pipelinedTransaction`: a transaction whose first statements leave together with its `begin`.
 * - `pipelineAll`: all steps at once, for a few small statements. It saves a round trip for each.
 * - `pipelineTwoAtATime`: at most two steps at once, for large statements, which take long to prepare and much memory.
 *
 * Through a pooler in transaction mode each waits for every answer instead (`PoolOptions.throughPooler`). The result is
 * the same.
 */

/** Sends its statements, if it has any, and settles once they are answered. It sends the first one at once. */
type Step = () => Promise<unknown>;

/**
 * Runs `fn` in one transaction, as `transaction` in pool.ts does, except that `fn` is called before the transaction has
 * begun. `begun` resolves once it has.
 *
 * Use it where the first statements of `fn` only read or lock, which saves a round trip; otherwise use `transaction`.
 * `fn` must wait for `begun` before it writes: if the transaction does not begin, each statement is one of its own, and
 * is not rolled back. With a step `() => begun` in front of them, other steps fail with the error of the `begin`.
 *
 * Throws what `fn` throws, once the transaction is rolled back, or the error of its `begin` or `commit`. A connection
 * that may still be busy, or whose prepared statements are outdated, does not return to the pool.
 * `lockMs`: how long it waits for a lock, if that is not as long as usual.
 */
export async function pipelinedTransaction<T>(
  pool: pg.Pool,
  fn: (client: pg.PoolClient, begun: Promise<unknown>) => Promise<T>,
  lockMs?: number,
): Promise<T> {
  const client = await pool.connect();
  let unusable = false;
  try {
    if (client.pipeline) sendTogether(client);
    const begun = client.query(lockMs === undefined ? 'begin' : `begin; set local lock_timeout = ${lockMs}`);
    // Its failure is reported where it is waited for.
    begun.catch(() => undefined);
    if (!client.pipeline) await begun;
    const result = await fn(client, begun);
    await begun;
    const { command } = await client.query('commit');
    // Postgres answers a commit with ROLLBACK if a statement had failed and its error was caught.
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back because a statement in it had failed');
    return result;
  } catch (error) {
    // Without an answer of the server, the connection may still be busy and a rollback would wait behind that.
    const answered = error instanceof pg.DatabaseError || !isDatabaseGone(error);
    unusable = !answered || isPlanOutdated(error) || !(await rollback(client));
    throw error;
  } finally {
    client.release(unusable);
  }
}

function rollback(client: pg.PoolClient): Promise<boolean> {
  return client.query('rollback').then(
    () => true,
    () => false,
  );
}

/**
 * Runs the steps of one transaction, all begun at once and in their order. If a step sends several statements, only the
 * first one is sent in that order: the others follow its answer, behind the first ones of all steps.
 *
 * Use it for a few small statements that do not need each other's answers. For large ones, use `pipelineTwoAtATime`.
 *
 * Resolves or throws once all steps have ended, so that no statement follows a rollback. The steps behind one that
 * failed are sent too. Throws the error that made the transaction fail, not one that Postgres answers because of it.
 */
export async function pipelineAll(client: pg.ClientBase, steps: readonly Step[]): Promise<void> {
  if (!canPipeline(client)) return oneByOne(steps);
  sendTogether(client);
  const settled = await Promise.allSettled(steps.map(async (step) => step()));
  const failures = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  if (failures.length > 0) throw causeOf(failures);
}

/**
 * Runs the steps of one transaction in their order: the next step is prepared and sent while Postgres works on the one
 * before it. No more than two take memory, and other requests of this process get their turn before each.
 *
 * Use it for large statements, such as the inserts of a thousand rows. For small ones, `pipelineAll` is faster.
 *
 * Resolves or throws once all steps that have begun have ended, so that no statement follows a rollback. None begins
 * once one is known to have failed; the one that was sent with it may have begun. Throws as `pipelineAll` does.
 */
export async function pipelineTwoAtATime(client: pg.ClientBase, steps: readonly Step[]): Promise<void> {
  if (!canPipeline(client)) return oneByOne(steps);
  const failures: unknown[] = [];
  const running = new Set<Promise<void>>();
  const begin = async (step: Step): Promise<void> => {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  };
  for (const step of steps) {
    const ended: Promise<void> = begin(step).then(() => void running.delete(ended));
    running.add(ended);
    await pause();
    if (running.size > 1) await Promise.race(running);
    if (failures.length > 0) break;
  }
  await Promise.all(running);
  if (failures.length > 0) throw causeOf(failures);
}

const canPipeline = (client: pg.ClientBase): boolean => (client as Partial<pg.Client>).pipeline === true;

/** What is sent in this turn of the event loop leaves in one write. Each write takes as long as a small statement. */
function sendTogether(client: pg.ClientBase): void {
  const { stream } = (client as pg.Client).connection;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/** Statements that follow the one that failed only report that the transaction has failed. */
const causeOf = (failures: readonly unknown[]): unknown =>
  failures.find((error) => !sqlStateMeans(error, 'aborted')) ?? failures[0];

/** Runs the steps one after the other. */
async function oneByOne(steps: readonly Step[]): Promise<void> {
  for (const step of steps) await step();
}
