import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { markAsDatabaseError } from '../../src/db/client.ts';
import { createOutageReport } from '../../src/db/outageReport.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';

const refusedByAny = () => Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
function refused(): Error {
  const error = refusedByAny();
  markAsDatabaseError(error);
  return error;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched() {
  const lines: Record<string, unknown>[] = [];
  const report = createOutageReport();
  const log = createLog({
    level: 'info',
    destination: { write: (line) => lines.push(JSON.parse(line)) },
    replaces: report.replaces,
  });
  const database = { up: true };
  const query = async () => {
    if (!database.up) throw refused();
  };
  const stop = report.watch({ query } as never, log);
  return { lines, log, database, stop, messages: () => lines.map(({ msg }) => msg) };
}

it('a database that is lost for three minutes is one line at the start, one a minute and one at the end', async () => {
  const { lines, log, database, messages } = watched();
  database.up = false;
  for (let second = 0; second < 200; second += 1) {
    log.child({ part: 'poller' }).warn({ err: refused() }, 'checks could not be recorded; continuing with the next');
    log.error({ err: new Error('cannot read the flags', { cause: refused() }) }, 'request failed');
    await vi.advanceTimersByTimeAsync(1_000);
  }
  database.up = true;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(messages()).toEqual([
    'database unreachable; work continues once it is back',
    ...Array.from({ length: 3 }, () => 'database still unreachable'),
    'database reachable again',
  ]);
  expect(lines[0]).toMatchObject({ level: 'WARNING', code: 'ECONNREFUSED' });
  expect(lines.at(-1)).toMatchObject({ level: 'INFO', replaced_lines: 399 });
  expect(JSON.stringify(lines)).not.toContain('stack');
});

it('the next loss is reported anew', async () => {
  const { log, messages } = watched();
  for (let loss = 0; loss < 2; loss += 1) {
    log.warn({ err: refused() }, 'scheduled task failed; will retry');
    await vi.advanceTimersByTimeAsync(2_000);
  }
  expect(messages()).toEqual([
    'database unreachable; work continues once it is back',
    'database reachable again',
    'database unreachable; work continues once it is back',
    'database reachable again',
  ]);
});

it('other errors, and those of a database that answers, keep their lines', () => {
  const { log, messages } = watched();
  log.error({ err: new TypeError('x is not a function') }, 'a bug');
  log.warn({ err: Object.assign(new Error('canceling statement'), { code: '57014' }) }, 'too slow');
  log.warn({ err: Object.assign(new Error('no relation'), { code: '42P01' }) }, 'not migrated');
  expect(messages()).toEqual(['a bug', 'too slow', 'not migrated']);
});

it('errors of other connections keep their lines', () => {
  const { log, messages } = watched();
  log.warn({ err: refusedByAny() }, 'scheduled task failed; will retry');
  log.error({ err: new Error('not sent', { cause: refusedByAny() }) }, 'effect given up and kept as a dead letter');
  expect(messages()).toEqual(['scheduled task failed; will retry', 'effect given up and kept as a dead letter']);
});

it('the last line of a process keeps its error, also while the database is away', () => {
  const { log, messages } = watched();
  log.warn({ err: refused() }, 'checks could not be recorded');
  log.fatal({ err: refused() }, 'uncaught error; stopping');
  expect(messages()).toEqual(['database unreachable; work continues once it is back', 'uncaught error; stopping']);
});

it('a pool that cannot reach its server reports a lost database', async () => {
  vi.useRealTimers();
  const { log, messages } = watched();
  const pool = createPool('postgres://nobody@127.0.0.1:1/none', 1, log);
  const error = await pool.query('select 1').catch((reason: unknown) => reason);
  await pool.end();
  log.warn({ err: error }, 'scheduled task failed; will retry');
  expect(messages()).toEqual(['database unreachable; work continues once it is back']);
});

it('nothing is replaced once the process stops', () => {
  const { log, messages, stop } = watched();
  stop();
  log.warn({ err: refused() }, 'job workers did not stop in time; abandoning them');
  expect(messages()).toEqual(['job workers did not stop in time; abandoning them']);
});
