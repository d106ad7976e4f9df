// Measures the status page at several sizes: how long it takes, how large it is, and how soon a change is shown on one open
// page and on a hundred. Needs a build. Prints a table; there is no pass or fail. Arguments: the sizes and the number of pages,
// as in `npm run bench:pages -- 100,1000,5000 100`.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http, { type OutgoingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { createDelivery } from '../../src/actors/deliver.ts';
import { NOT_SUPPRESSED } from '../../src/alerts/emission.ts';
import { actionWriters, createRouter } from '../../src/app/actionWriters.ts';
import { registry } from '../../src/app/machineRegistry.ts';
import { migrate } from '../../src/db/migrate.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { startEmbeddedPostgres } from '../../src/sandbox/postgres/embedded.ts';
import { startProgram } from '../support/startProgram.ts';

const SIZES = (process.argv[2] ?? '100,1000,5000').split(',').map(Number);
const OPEN_PAGES = Number(process.argv[3] ?? 100);
const ROUNDS = 9;
const POLICY = {
  autoTicket: false,
  suppressionOf: () => NOT_SUPPRESSED,
  flapMaxEpisodes: 5,
  flapWindowMs: 600_000,
  reopenWithinMs: () => 0,
};
/** Address of the program that is being measured. */
let base = '';
const agent = new http.Agent({ keepAlive: true, maxSockets: 1_000 });

const data = mkdtempSync(join(tmpdir(), 'auto-ticketing-bench-'));
const log = createLog({ level: 'silent' });
const postgres = await startEmbeddedPostgres({ dir: join(data, 'postgres') });
await migrate(postgres.url, log);
const pool = createPool(postgres.url, 4, log);
const { deliver } = createDelivery({
  pool,
  registry,
  log,
  writers: actionWriters,
  router: async () => createRouter(POLICY),
});
const browser = await chromium
  .launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  .catch(() => null);

/** One column of the table: measured values by name. */
type Column = Record<string, number>;
const results: Column[] = [];
try {
  for (const size of SIZES) {
    await fill(size);
    results.push(await measured(size));
    console.log(results.at(-1));
  }
  console.log(`\n${table(results)}`);
} finally {
  await browser?.close();
  agent.destroy();
  await pool.end();
  await postgres.stop();
  rmSync(data, { recursive: true, force: true });
}

/** Stores this many surfaces in twenty groups, with ninety days each. One in a hundred is down and has a ticket. */
async function fill(size: number): Promise<void> {
  await pool.query('truncate surfaces, surface_days, actors, actor_history, filings, checks');
  await pool.query(
    `insert into surfaces (id, position, config, checked_at, outcome, latency_ms, recent)
     select 'surface-' || n, n, jsonb_build_object('id', 'surface-' || n, 'name', 'Service number ' || n, 'group', 'Group ' || n % 20,
         'url', 'https://service-' || n || '.example.com/healthz'),
       clock_timestamp(), 'up', 80, array(select (60 + random() * 90)::int from generate_series(1, 30) where n > 0)
     from generate_series(1, $1) n`,
    [size],
  );
  await pool.query(
    `insert into surface_days (surface_id, day, operational, degraded, down)
     select 'surface-' || n, (now() at time zone 'UTC')::date - d, 2880, (random() < 0.01)::int, (random() < 0.01)::int
     from generate_series(1, $1) n, generate_series(0, 89) d`,
    [size],
  );
  for (let n = 1; n <= size; n += 500)
    await deliver(Array.from({ length: Math.min(500, size - n + 1) }, (_, i) => checked(n + i, (n + i) % 100 === 0)));
  await pool.query(
    `insert into filings (id, marker, path, actor_id, subject_key, request, phase, ticket_id, ticket_url, filed_at, ticket_status, assignee, checked_at)
     select 'f' || n, 'AT-' || n, 'investigate', 'surface:surface-' || n, 'k' || n, jsonb_build_object('surfaceId', 'surface-' || n),
       'tagged', n, 'https://tickets.example.com/conversation/' || n, now(), 'active', 'Sam Support', now()
     from generate_series(100, $1, 100) n`,
    [size],
  );
  await pool.query('vacuum analyze');
}

/** A check result as the poller delivers it. */
function checked(n: number, isDown: boolean) {
  const policy = { failuresToOpen: 1, successesToClose: 1, severity: { degraded: null, down: null } };
  const error = isDown ? 'HTTP 500, expected 200 to 299' : null;
  const event = { type: 'CHECKED', outcome: isDown ? 'down' : 'up', error, name: `Service number ${n}`, ...policy };
  return { to: `surface:surface-${n}`, event };
}

async function measured(size: number): Promise<Column> {
  const program = await startProgram(['web'], {
    DATA_DIR: data,
    DATABASE_URL: postgres.url,
    // No surface is checked during the measurement, and no check becomes outdated.
    POLL_INTERVAL_SECONDS: '3600',
  });
  base = program.url;
  try {
    const first = await get('/console/status');
    for (let n = 0; n < 3; n++) await get('/console/status');
    const full: Received[] = [];
    const cpu = cpuOf(program.pid);
    for (let n = 0; n < ROUNDS; n++) full.push(await get('/console/status'));
    const page_cpu_ms = Math.round((cpuOf(program.pid) - cpu) / ROUNDS);
    const one = await browserPage();
    const many = await manyPages(program.pid);
    return {
      surfaces: size,
      page_ms: median(full.map(({ ms }) => ms)),
      page_cpu_ms,
      first_page_ms: first.ms,
      page_kb: kilo(first.bytes),
      ...one,
      ...many,
      ratio_bytes: Math.round(first.bytes / many.update_bytes),
    };
  } finally {
    await program.stop();
  }
}

/** How long it takes from an event to the changed tile in a real browser. */
async function browserPage(): Promise<Column> {
  if (!browser) return {};
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const began = performance.now();
  await page.goto(`${base}/console/status`, { waitUntil: 'load' });
  const browser_load_ms = Math.round(performance.now() - began);
  await page.waitForFunction("document.getElementById('live-word').textContent === 'Live'");
  await sleep(3_000);
  const changes: number[] = [];
  for (let n = 1; n <= ROUNDS; n++) {
    const isDown = n % 2 === 1;
    const seen = page.waitForSelector(`#tile-surface-7.${isDown ? 'down' : 'operational'}`);
    const from = performance.now();
    await deliver([checked(7, isDown)]);
    await seen;
    changes.push(performance.now() - from);
    await sleep(2_000);
  }
  await deliver([checked(7, false)]);
  await page.close();
  return {
    browser_load_ms,
    browser_change_ms: median(changes),
    browser_change_max_ms: Math.round(Math.max(...changes)),
  };
}

/** Clients without a browser. Each receives the update event and fetches the tile, as the script of the page does. */
async function manyPages(pid: number) {
  const pages = await Promise.all(Array.from({ length: OPEN_PAGES }, openPage));
  await sleep(2_000);
  const last: number[] = [];
  const typical: number[] = [];
  let cpu = 0;
  for (let n = 1; n <= ROUNDS; n++) {
    const waiting = pages.map((page) => page.updated());
    const cpuBefore = cpuOf(pid);
    const from = performance.now();
    await deliver([checked(13, n % 2 === 1)]);
    const took = (await Promise.all(waiting)).map((at) => at - from);
    typical.push(median(took));
    last.push(Math.max(...took));
    cpu += cpuOf(pid) - cpuBefore;
    await sleep(2_000);
  }
  await deliver([checked(13, false)]);
  const update_bytes = pages[0]?.bytes() ?? 0;
  for (const page of pages) page.close();
  return {
    update_bytes,
    pages_ms: median(typical),
    last_page_ms: median(last),
    last_page_max_ms: Math.round(Math.max(...last)),
    pages_cpu_ms: Math.round(cpu / ROUNDS),
  };
}

async function openPage() {
  const since = new Date().toISOString();
  let onUpdate: (at: number) => void = () => undefined;
  let bytes = 0;
  const request = http.get(`${base}/console/events?grid_since=${since}`, { agent: false });
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).once('error', reject);
  });
  let text = '';
  response.setEncoding('utf8').on('data', async (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = text.slice(0, end);
      text = text.slice(end + 2);
      if (!event.includes('event: grid')) continue;
      const update: { ids: string[]; all: boolean; as_of: string } = JSON.parse(/data: (.*)/.exec(event)?.[1] ?? '{}');
      const { ids, all, as_of } = update;
      if (all) continue;
      const path = `/console/status?tiles=${ids.join(',')}&as_of=${as_of}`;
      const answer = await get(path, { 'HX-Request': 'true' }).catch(() => null);
      if (!answer) continue;
      bytes = answer.bytes;
      onUpdate(performance.now());
    }
  });
  response.on('error', () => undefined);
  return {
    bytes: () => bytes,
    updated: () =>
      new Promise<number>((resolve) => {
        onUpdate = resolve;
      }),
    close: () => request.destroy(),
  };
}

interface Received {
  /** Milliseconds until the last byte. */
  ms: number;
  /** Size as transferred. */
  bytes: number;
}

function get(path: string, headers: OutgoingHttpHeaders = {}): Promise<Received> {
  const from = performance.now();
  return new Promise<Received>((resolve, reject) => {
    http
      .get(
        base + path,
        { agent, headers: { accept: 'text/html', 'accept-encoding': 'br, gzip', ...headers } },
        (response) => {
          let bytes = 0;
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
          });
          response.on('end', () => {
            if (response.statusCode === 200) resolve({ ms: Math.round(performance.now() - from), bytes });
            else reject(new Error(`${path} was answered with ${response.statusCode}`));
          });
        },
      )
      .once('error', reject);
  });
}

/** Processor time of a process in milliseconds. Unlike elapsed time it does not grow when the machine is busy. */
function cpuOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

function median(values: number[]): number {
  return Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN);
}

function kilo(bytes: number): number {
  return Math.round(bytes / 100) / 10;
}

function table(rows: Column[]): string {
  const [first = {}] = rows;
  const lines = Object.keys(first).map(
    (key) => `| ${key} | ${rows.map((row) => ratio(row[key], first[key])).join(' | ')} |`,
  );
  return [
    `| | ${rows.map(({ surfaces }) => surfaces).join(' | ')} |`,
    `| --- | ${rows.map(() => '---:').join(' | ')} |`,
    ...lines,
  ].join('\n');
}

function ratio(value = Number.NaN, of = Number.NaN): string {
  return value === of ? String(value) : `${value} (×${(value / of).toFixed(1)})`;
}
