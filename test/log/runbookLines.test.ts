import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startApp } from '../../src/app/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { createLog } from '../../src/log/log.ts';
import type { FaultSpec } from '../../src/sandbox/faultSwitches.ts';
import { startSandbox } from '../../src/sandbox/startSandbox.ts';
import { type Environment, filed, POSTS, type Process, refusal, reportChecks } from '../support/clickEnvironment.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

/** The greps of the runbooks, run with grep: they find their lines, and nothing without filings, clicks and failures. */

const ALL = ['-iE', 'freescout|auto_ticket|investigate|ticket_filed'];

let environment: Environment;
let one: Process;
let from = 0;
beforeAll(async () => {
  environment = await startEnvironment({ LOG_LEVEL: 'trace' });
  one = environment.process();
});
afterAll(() => environment.close());
beforeEach(async () => {
  // A click is answered before its process has logged what became of it.
  await environment.settled();
  from = environment.lines.length;
});

type Line = Record<string, unknown>;
const sinceThen = (): Line[] => environment.lines.slice(from);
/** The lines at INFO and above, as a process logs them by default. */
const shown = (lines: Line[]): Line[] => lines.filter(({ level }) => level !== 'DEBUG');

function grep(args: string[], lines: Line[]): Line[] {
  const input = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  try {
    return execFileSync('grep', args, { input, encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  } catch (error) {
    // grep exits with 1 if it finds nothing.
    if (error instanceof Error && 'status' in error && error.status === 1) return [];
    throw error;
  }
}

const found = (...args: string[]) => grep(args, shown(sinceThen()));

describe('a ticket that is filed', () => {
  test('by an alert logs one ticket_filed line with the audit payload, one auto_ticket line and one emit line', async () => {
    await one.check('api', 'up', 'down', 'down', 'down');
    await eventually(async () => expect(await environment.audit('console.alerts.ticket_filed')).toHaveLength(1));
    await one.check('api', 'down', 'down');
    await eventually(() => expect(found(...ALL)).toHaveLength(2));
    const [row] = await environment.audit('console.alerts.ticket_filed');
    expect(found('ticket_filed')).toMatchObject([
      { level: 'INFO', msg: 'ticket_filed', ...row?.payload },
      { msg: 'auto_ticket filed' },
    ]);
    expect(found('auto_ticket')).toMatchObject([{ level: 'INFO', ticket_id: row?.payload.ticket_id }]);
    expect(found('alert_aggregator emit')).toMatchObject([{ level: 'INFO', severity: 'P1', state: 'firing' }]);
    expect(found('status_poller"')).toMatchObject([
      { to: 'OPERATIONAL', error: null },
      { level: 'INFO', from: 'OPERATIONAL', to: 'DOWN', error: 'HTTP 500' },
    ]);
    expect(found(...ALL)).toHaveLength(2);
  });

  test('by a click logs one investigate line, one ticket_filed line with the audit payload and one auto_ticket line', async () => {
    await reportChecks(one, 'web', 'up', 'down');
    await filed(one.investigate('web', 'olga'));
    await eventually(() => expect(found(...ALL)).toHaveLength(3));
    const audited = await environment.audit('console.status.ticket_filed');
    const row = audited.find(({ payload }) => payload.surface_id === 'web');
    expect(found('"investigate"')).toMatchObject([{ level: 'INFO', surface_id: 'web', by: 'olga' }]);
    expect(found('"ticket_filed"')).toMatchObject([{ level: 'INFO', ...row?.payload }]);
    expect(found('auto_ticket')).toMatchObject([{ level: 'INFO', ticket_id: row?.payload.ticket_id }]);
    expect(found(...ALL)).toHaveLength(3);
  });

  test('before a click logs one investigate line and one ticket_filed line with idempotent true', async () => {
    await reportChecks(one, 'clicked-before', 'up', 'down');
    await filed(one.investigate('clicked-before', 'olga'));
    await environment.settled();
    from = environment.lines.length;
    await filed(one.investigate('clicked-before', 'sam'));
    await eventually(() => expect(found(...ALL)).toHaveLength(2));
    expect(found('"ticket_filed"')).toMatchObject([{ idempotent: true }]);
    expect(found(...ALL)).toHaveLength(2);
  });
});

test('an alert logs one emit line for each change', async () => {
  const emission = { alert_id: 'changing', title: 'Trouble', severity: 'P3', status: 'firing' } as const;
  await one.aggregator.ingest('prom', [emission]);
  await one.aggregator.ingest('prom', [emission]);
  await one.aggregator.ingest('prom', [{ ...emission, status: 'resolved' }]);
  await one.aggregator.ingest('prom', [{ ...emission, status: 'resolved' }]);
  expect(found('alert_aggregator emit')).toMatchObject([{ state: 'firing' }, { state: 'resolved' }]);
});

describe('FreeScout trouble', () => {
  const clickOn = async (id: string, fault: FaultSpec) => {
    await reportChecks(one, id, 'up', 'down');
    environment.desk.control.faults.add(fault);
    await refusal(one.investigate(id, 'olga'));
    environment.desk.control.faults.clear();
  };

  test.each([
    ['500', { kind: 'status', status: 500 }, { http_status: 500, error: 'HTTPError' }],
    ['401', { kind: 'status', status: 401 }, { http_status: 401, error: 'HTTPError' }],
    ['403', { kind: 'status', status: 403 }, { http_status: 403, error: 'HTTPError' }],
    ['a web page', { kind: 'html200' }, { http_status: 200, error: 'HTTPError' }],
    ['a cut connection', { kind: 'reset' }, { code: 'ECONNRESET', error: 'ConnectionError' }],
    ['silence', { kind: 'hang' }, { code: 'ETIMEDOUT', error: 'ConnectionError' }],
    ['a refused new ticket', { kind: 'retry_after', ...POSTS }, { http_status: 429, error: 'HTTPError' }],
  ] satisfies [string, FaultSpec, object][])(
    'that is %s logs a WARNING with its status or code, never an ERROR',
    async (what, fault, facts) => {
      await clickOn(`broken-${what.replaceAll(' ', '-')}`, fault);
      const [warning, ...others] = found('-iE', 'freescout.*degraded|freescout.*WARNING|ticket.*failed');
      expect(others).toHaveLength(0);
      expect(warning).toMatchObject({
        level: 'WARNING',
        ...facts,
        msg: expect.stringMatching(/^freescout degraded: .*failed/),
      });
      expect(found('-iE', 'freescout|ticket|HTTPError|ConnectionError')).toContainEqual(warning);
      expect(found('-E', 'HTTPError|ConnectionError')).toStrictEqual([warning]);
      expect(found(...ALL)).toContainEqual(warning);
      expect(sinceThen().filter(({ level }) => level === 'ERROR')).toHaveLength(0);
    },
  );

  test('where nothing listens logs ECONNREFUSED', async () => {
    await one.stop();
    one = environment.process({ freescout: { ...environment.config.freescout, baseUrl: 'http://127.0.0.1:9' } });
    await reportChecks(one, 'nobody', 'up', 'down');
    await refusal(one.investigate('nobody', 'olga'));
    expect(found('-iE', 'freescout.*degraded')).toMatchObject([
      { level: 'WARNING', code: 'ECONNREFUSED', error: 'ConnectionError' },
    ]);
    await one.stop();
    one = environment.process();
  });
});

test('without filings, clicks and failures no line matches what the runbooks search for', async () => {
  const quiet = await startEnvironment();
  const mine = quiet.process();
  await quiet.surfaces({ id: 'calm' });
  await mine.flags.set('FLAG_CONSOLE_ALERTS_AUTO_TICKET', false, 'ann');
  await mine.check('calm', 'up', 'down', 'up', 'slow', 'up');
  await mine.aggregator.ingest('prom', [{ alert_id: 'p1', title: 'Trouble', severity: 'P1', status: 'firing' }]);
  await mine.flags.set('FLAG_CONSOLE_INVESTIGATE_FROM_STATUS', false, 'ann');
  const until = new Date(Date.now() + 3_600_000).toISOString();
  await mine.deliver([{ to: 'surface:calm', event: { type: 'MAINTENANCE_SET', until, reason: 'disks', by: 'ann' } }]);
  await eventually(() => expect(quiet.openings()).toHaveLength(3));
  const two = quiet.process();
  await two.aggregator.ingest('prom', [{ alert_id: 'p1', title: 'Trouble', severity: 'P1', status: 'resolved' }]);
  await two.stop();
  await mine.stop();
  expect(quiet.lines.length).toBeGreaterThan(0);
  expect(grep(ALL, quiet.lines)).toStrictEqual([]);
  await quiet.close();
});

test('the whole program starts, reads its tickets and stops without a line that the runbooks search for', async () => {
  const quiet = await startEnvironment();
  const lines: Line[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'auto-ticketing-silence-'));
  const file = join(folder, 'surfaces.yaml');
  await writeFile(file, 'surfaces: [{ id: calm, name: Calm, url: "http://127.0.0.1:9/" }]');
  const config = readConfig({
    ...quiet.settings,
    DATABASE_URL: quiet.url,
    SURFACES_FILE: file,
    DATA_DIR: folder,
    PORT: '0',
  });
  const log = createLog({ level: 'info', destination: { write: (line) => void lines.push(JSON.parse(line) as Line) } });
  const said: string[] = [];
  const app = await startApp({ config, role: 'all', log, say: (line) => said.push(line), startSandbox });
  await eventually(() => expect(quiet.desk.state.requests).not.toHaveLength(0));
  await app.stop();
  expect(grep(ALL, lines)).toStrictEqual([]);
  expect(said).toStrictEqual([]);
  await quiet.close();
  await rm(folder, { recursive: true });
});

test('no line contains a key, a token or an Authorization header, even at the lowest level', async () => {
  await reportChecks(one, 'secret', 'up', 'down');
  await filed(one.investigate('secret', 'olga'));
  await environment.settled();
  expect(environment.lines.some(({ level }) => level === 'DEBUG')).toBe(true);
  expect(
    grep(['-iE', `${environment.desk.apiKey}|${environment.slack.token}|bearer|authorization`], environment.lines),
  ).toStrictEqual([]);
});
