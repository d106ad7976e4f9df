import type { Pool } from 'pg';
import { alertsOf, postAlerts } from '../alerts.ts';
import type { Environment } from '../environment.ts';
import { ALERTS_IN_REQUEST, amongReaders, CUSTOMERS, READERS, SCRAPERS, SEARCHERS, STREAMS } from '../readers.ts';
import type { Scenario } from '../scenario.ts';
import { percentile } from '../statistics.ts';

const COUNT = new Intl.NumberFormat('en');

export const crowd: Scenario = {
  name: 'crowd',
  title:
    `P1 alerts while ${SEARCHERS} viewers search the audit log, ${CUSTOMERS} read customers, ${SCRAPERS} scrape and one sends ` +
    `${COUNT.format(ALERTS_IN_REQUEST)} new alerts in each request, all without a pause, and ${STREAMS} event streams are open`,
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
    const program = await environment.program(['web'], { STORM_MAX_TICKETS: '100000', ...READERS });
    await environment.program(['worker'], { STORM_MAX_TICKETS: '100000' });
    // The first characters of their ids tell alerts apart, so names are short.
    const fileIn = (name: string) => fileAll(environment, program.url, { name, count });
    return [
      { name: 'alone', measure: (round) => fileIn(`one${round}`) },
      {
        name: 'in a crowd',
        async measure(round) {
          const { result, others } = await amongReaders(program.url, round, () => fileIn(`owd${round}`));
          return { ...result, ...others };
        },
      },
    ];
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
