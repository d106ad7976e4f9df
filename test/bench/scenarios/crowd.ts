import type { Pool } from 'pg';
import { alertsOf, postAlerts } from '../alerts.ts';
import { get } from '../client.ts';
import type { Environment } from '../environment.ts';
import type { Lane, Scenario } from '../scenario.ts';
import { percentile } from '../statistics.ts';

const SEARCHERS = 20;
const CUSTOMERS = 30;
const SCRAPERS = 20;

const tokenOf = (reader: number) => `viewer-token-number-${reader}-0123456789`;
const as = (reader: number) => ({ authorization: `Bearer ${tokenOf(reader)}`, accept: 'application/json' });

export const crowd: Scenario = {
  name: 'crowd',
  title: `P1 alerts while ${SEARCHERS} viewers search the audit log, ${CUSTOMERS} read customers and ${SCRAPERS} scrape, without a pause`,
  aim: 'accepted within 1 s and filed within 5 s, every one of them',
  bound: 'the processor that the process shares with its readers; connections and calls are reserved',
  comparisons: [
    { figure: 'accepted, p50 ms', of: 'in a crowd', to: 'alone', aim: '–' },
    { figure: 'filed, p50 ms', of: 'in a crowd', to: 'alone', aim: '–' },
  ],
  limits: [
    { lane: 'in a crowd', figure: 'accepted, slowest ms', aim: '≤ 1,000' },
    { lane: 'in a crowd', figure: 'filed, slowest ms', aim: '≤ 5,000' },
  ],
  sizes: { rounds: 3, count: 30, history: 300_000 },
  async prepare(environment, { count, history }) {
    const { pool } = environment;
    await fill(pool, history);
    const program = await environment.program(['web'], {
      STORM_MAX_TICKETS: '100000',
      CONSOLE_API_TOKENS: Array.from({ length: SEARCHERS }, (_, n) => `reader${n}:viewer:${tokenOf(n)}`).join(),
    });
    await environment.program(['worker'], { STORM_MAX_TICKETS: '100000' });
    const lane = (name: string, around: (work: () => Promise<Figures>) => Promise<Figures>): Lane => ({
      name,
      // The first characters of their ids tell alerts apart, so names are short.
      measure: (round) => around(() => fileAll(environment, program.url, { name: `${name.slice(-3)}${round}`, count })),
    });
    return [lane('alone', (work) => work()), lane('in a crowd', (work) => amongReaders(program.url, work))];
  },
};

type Figures = Record<string, number>;

async function fill(pool: Pool, rows: number): Promise<void> {
  await pool.query(
    `insert into audit_log (action, payload, actor)
     select 'console.alerts.ticket_filed', jsonb_build_object('alert_key', 'history:' || n, 'ticket_id', n), 'history'
     from generate_series(1, $1) n`,
    [rows],
  );
  await pool.query(
    "insert into customers (id, email, name) select n, n || '@example.com', 'C' from generate_series(1, 30) n",
  );
}

/** Posts one P1 after the other and waits for its ticket. */
async function fileAll(
  { stubs }: Environment,
  url: string,
  { name, count }: { name: string; count: number },
): Promise<Figures> {
  const accepted: number[] = [];
  const filed: number[] = [];
  for (const alert of alertsOf(name, count)) {
    stubs.take();
    const from = performance.timeOrigin + performance.now();
    accepted.push((await postAlerts(url, [alert], 'P1')).ms);
    const isTicket = ({ kind, text }: { kind: string; text: string }) =>
      kind === 'ticket' && text.includes(alert.title);
    await stubs.until((arrived) => arrived.some(isTicket));
    filed.push((stubs.take().find(isTicket)?.at ?? Number.NaN) - from);
  }
  return {
    'accepted, p50 ms': percentile(accepted, 50),
    'accepted, slowest ms': Math.max(...accepted),
    'filed, p50 ms': percentile(filed, 50),
    'filed, slowest ms': Math.max(...filed),
  };
}

/** Readers who ask again as soon as they are answered, even if they are refused. */
async function amongReaders(url: string, work: () => Promise<Figures>): Promise<Figures> {
  let isOver = false;
  let answered = 0;
  const ask = async (path: string, reader: number) => {
    while (!isOver) {
      await get(url + path, as(reader % SEARCHERS)).catch(() => undefined);
      answered += 1;
    }
  };
  const times = <T>(count: number, each: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => each(n));
  const from = performance.now();
  const readers = [
    ...times(SEARCHERS, (n) => ask('/console/audit?q=no-row-has-this', n)),
    ...times(CUSTOMERS, (n) => ask(`/console/customers/${n + 1}/tickets`, n)),
    ...times(SCRAPERS, (n) => ask('/metrics', n)),
  ];
  try {
    const figures = await work();
    return { ...figures, 'readers answered per second': (answered * 1_000) / (performance.now() - from) };
  } finally {
    isOver = true;
    await Promise.all(readers);
  }
}
