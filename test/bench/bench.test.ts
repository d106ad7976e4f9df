import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { read } from '../docs/documents.ts';
import { createTestDatabase } from '../support/db.ts';
import { chart } from './chart.ts';
import { withResults } from './documentation.ts';
import { MEASURABLE, memoryOf } from './heapOfProgram.ts';
import { report } from './report.ts';
import { type Result, runScenario } from './run.ts';
import { investigate } from './scenarios/investigate.ts';
import { newAlerts } from './scenarios/newAlerts.ts';
import { statusPage } from './scenarios/statusPage.ts';
import { SCENARIOS } from './scenarios.ts';
import { percentile } from './statistics.ts';
import { summaryPrefix, summaryRows } from './summary.ts';
import { coresDuring } from './usage.ts';
import { writtenDuring } from './written.ts';

const SIZES = { rounds: 2, count: 10, surfaces: 10, actors: 10, history: 100, pages: 2, latency: 0, seconds: 1 };
const RESULT: Result = {
  ...{ scenario: 'sample', title: 'A sample', aim: '≥ 2 ×', bound: 'nothing', sizes: SIZES, remarks: ['No peer.'] },
  figures: [
    { lane: 'program', name: 'per second', values: [2_000, 3_000], median: 2_500, least: 2_000, most: 3_000 },
    { lane: 'peer & <floor>', name: 'per second', values: [1_000, 1_000], median: 1_000, least: 1_000, most: 1_000 },
  ],
  ratios: [{ figure: 'per second', of: 'program', to: 'peer & <floor>', aim: '≥ 2', median: 2.5, least: 2, most: 3 }],
  limits: [{ lane: 'program', figure: 'per second', aim: '≥ 3,000' }],
};

test('a short run of a scenario measures every lane in every round and compares figures of the same round', async () => {
  const database = await createTestDatabase();
  try {
    const said: string[] = [];
    const progress = { say: (what: string) => void said.push(what), follow: () => () => {}, done() {} };
    const { figures, ratios } = await runScenario(newAlerts, SIZES, { progress, database: database.url });
    expect(said).toContain('new-alerts: round 2 of 2, program');
    const of = (lane: string) => figures.find((figure) => figure.lane === lane)?.values ?? [];
    const [accepted, commits] = [of('program'), of('bare commits')];
    expect([...accepted, ...commits].filter((value) => value > 0)).toHaveLength(4);
    const { rows } = await database.pool.query("select count(*)::int as n from actors where kind = 'alert'");
    expect(rows).toEqual([{ n: 20 }]);
    const ratio = ratios.find(({ to }) => to === 'bare commits');
    const each = accepted.map((value, n) => value / (commits[n] ?? 0));
    expect(ratio?.most).toBe(Math.max(...each));
  } finally {
    await database.drop();
  }
});

test('every open page of the status page scenario is updated, also more than one reader may have', async () => {
  const database = await createTestDatabase();
  try {
    const progress = { say: () => undefined, follow: () => () => {}, done() {} };
    const sizes = { ...SIZES, rounds: 1, pages: 25 };
    const { figures } = await runScenario(statusPage, sizes, { progress, database: database.url });
    const slowest = figures.find(({ name }) => name === 'ms until a change is shown, last page');
    expect(slowest?.values[0]).toBeGreaterThan(0);
  } finally {
    await database.drop();
  }
});

test('the investigate scenario sends storms until it has measured all its clicks among them', async () => {
  const database = await createTestDatabase();
  try {
    const progress = { say: () => undefined, follow: () => () => {}, done() {} };
    const sizes = { ...SIZES, rounds: 1 };
    const { figures } = await runScenario(investigate, sizes, { progress, database: database.url });
    const of = (lane: string, name: string) =>
      figures.find((figure) => figure.lane === lane && figure.name === name)?.median;
    expect([of('alone', 'clicks measured'), of('during a storm', 'clicks measured')]).toEqual([10, 10]);
    expect(of('during a storm', 'p99 ms')).toBeGreaterThan(0);
    const { rows } = await database.pool.query<{ undecided: number }>(
      `select count(*)::int as undecided from actors where kind = 'alert' and not exists (
         select from audit_log where payload->>'alert_key' = substring(actors.id from length('alert:') + 1))`,
    );
    expect(rows).toEqual([{ undecided: 0 }]);
  } finally {
    await database.drop();
  }
});

test('the report shows the median and the spread of each figure, the ratios, and what is missing', () => {
  expect(report([RESULT])).toBe(`### sample

A sample. Aim: ≥ 2 ×. Bound by nothing.

| lane | figure | median (spread) |
| --- | --- | ---: |
| program | per second | 2,500 (2,000 to 3,000) |
| peer & <floor> | per second | 1,000 |
| program : peer & <floor> | per second, aim ≥ 2 | **2.5 (2 to 3) ×** |

No peer.`);
});

test('the summary has a row for each aim that is a number, and says whether the median reaches it', () => {
  expect(summaryRows(RESULT)).toEqual([
    '| [sample](#sample) | program: per second | ≥ 3,000 | 2,500 (2,000 to 3,000) | **no** |',
    '| [sample](#sample) | program : peer & <floor>, per second | ≥ 2 × | 2.5 (2 to 3) × | yes |',
  ]);
  expect(summaryRows({ ...RESULT, limits: [], ratios: [] })).toEqual(['| [sample](#sample) | – | – | – | – |']);
});

test('rows count that were added or changed during the work, and the processor time of this process and of Postgres', async () => {
  const database = await createTestDatabase();
  try {
    const { pool } = database;
    const see = () =>
      pool.query(
        `insert into alert_sightings (alert_key, last_seen_at) values ('bench:one', now())
         on conflict (alert_key) do update set last_seen_at = excluded.last_seen_at`,
      );
    const first = await writtenDuring(pool, see);
    expect(first.rows).toBe(1);
    expect(first.kilobytes).toBeGreaterThan(0);
    expect((await writtenDuring(pool, see)).rows).toBe(1);
    expect((await writtenDuring(pool, () => pool.query('select 1'))).rows).toBe(0);
    const { usedMs } = await coresDuring({ pool, pids: [process.pid] }, async () => {
      const { rows } = await pool.query('select sum(length(md5(n::text))) from generate_series(1, 300000) n');
      const until = process.cpuUsage().user + 50_000;
      while (process.cpuUsage().user < until) JSON.stringify(rows);
    });
    expect(usedMs.programs).toBeGreaterThan(0);
    expect(usedMs.postgres).toBeGreaterThan(0);
  } finally {
    await database.drop();
  }
});

test('a process says how much memory it has after a collection', async () => {
  const script =
    'globalThis.kept = Array(1e6).fill(0).map((_, n) => [n]); setInterval(() => undefined, 1000); console.log(1)';
  const child = spawn(process.execPath, ['-e', script], { env: { ...process.env, ...MEASURABLE } });
  try {
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    await expect.poll(() => lines.length).toBeGreaterThan(0);
    const { heap, resident } = await memoryOf({ pid: child.pid ?? 0, lines });
    expect(heap).toBeGreaterThan(20);
    expect(resident).toBeGreaterThan(heap);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

test('a percentile lies between the two nearest values', () => {
  expect([percentile([30, 10, 20], 50), percentile([10, 20], 75), percentile([], 50)]).toEqual([20, 17.5, Number.NaN]);
});

test('a chart has one bar for each lane, in proportion, and escapes their names', () => {
  const svg = chart(RESULT, 'per second');
  const widths = [...svg.matchAll(/<rect[^>]* width="(\d+)"/g)].map(([, width]) => Number(width));
  expect(widths).toEqual([300, 120]);
  expect(svg).toContain('>peer &amp; &lt;floor&gt;<');
});

test('the results replace only the section and the rows of their scenario on the page', () => {
  const rows =
    '| [sample](#sample) | old | | | |\n| [sample](#sample) | old | | | |\n| [other](#other) | – | – | – | – |\n';
  const rowElsewhere = '| [sample](#sample) | bound by nothing |\n';
  const page = `${rows}before\n<!-- begin sample -->\nold\n<!-- end sample -->\nafter\n${rowElsewhere}`;
  const text = withResults(page, [RESULT], new Date('2026-05-05T12:00:00Z'));
  expect(text).toMatch(
    /^(\| \[sample\]\(#sample\) \| program.*\n){2}\| \[other\].*\nbefore\n<!-- begin sample -->\n### sample\n[\s\S]*2026-05-05[\s\S]*\n<!-- end sample -->\nafter\n\| \[sample\]\(#sample\) \| bound by nothing \|\n$/,
  );
  expect(text).not.toContain('old');
  expect(() => withResults('no place', [RESULT], new Date())).toThrow('<!-- begin sample -->');
  expect(() => withResults(page.replace(rows, '').replace(rowElsewhere, ''), [RESULT], new Date())).toThrow(
    '| [sample](#sample) |',
  );
});

test('docs/performance.md has a place for the results of every scenario', () => {
  const page = read('docs/performance.md');
  const places = [...page.matchAll(/<!-- begin (\S+) -->/g)].map(([, name]) => name);
  expect(places).toEqual(SCENARIOS.map(({ name }) => name));
  const without = SCENARIOS.filter(({ name }) => !page.includes(`\n${summaryPrefix(name)}`));
  expect(without).toEqual([]);
});
