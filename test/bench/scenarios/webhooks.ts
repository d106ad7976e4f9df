import { alertmanagerGroup, alertsOf, batches, postAlerts, type SentAlert } from '../alerts.ts';
import { load, post, type Received } from '../client.ts';
import type { Environment } from '../environment.ts';
import { commitFloor, p50AndP99 } from '../floor.ts';
import type { Lane, Scenario } from '../scenario.ts';
import { residentMiB } from '../usage.ts';
import { count as countOf, waitFor } from '../waitFor.ts';

const THROUGH_WEBHOOK = 'webhook, batches of 500';
const THROUGH_API = 'POST /api/alerts, batches of 500';
const ONE = 'webhook, one alert';
const ONE_AFTER_ANOTHER = 'webhook, one alert after another';
const LARGE = 'webhook, 5,000 alerts at once';
const LARGE_ALERTS = 5_000;
const ONE_AT_A_TIME = 200;
const WARM_UP = 200;
/** Until everything about the last alert is done, as for one-alert. */
const PAUSE_MS = 50;

export const webhooks: Scenario = {
  name: 'webhooks',
  title:
    'Alerts through the webhook of Alertmanager: new ones in batches of 500 until the last one is active, one until its ' +
    'request is answered, alone and directly after another, and 5,000 in one request; the program in one process',
  aim: 'p50 ≤ 5 ms for one; as many alerts a second as through `POST /api/alerts`; the memory within bounds',
  bound: 'the commit of the stored request; then as for new alerts',
  comparisons: [
    { figure: 'alerts per second', of: THROUGH_WEBHOOK, to: THROUGH_API, aim: '≥ 0.9' },
    { figure: 'p50 ms', of: ONE, to: 'bare commits', aim: '–' },
    { figure: 'MiB at most', of: LARGE, to: LARGE, toFigure: 'MiB before', aim: '≤ 2' },
  ],
  limits: [{ lane: ONE, figure: 'p50 ms', aim: '≤ 5' }],
  async prepare(environment, { count }) {
    const program = await environment.program(['start']);
    const url = `${program.url}/api/webhooks/alertmanager/prom`;
    const webhook = (alerts: readonly SentAlert[]) => post(url, alertmanagerGroup(alerts));
    const perSecond = lane(environment, count);
    return [
      perSecond({ name: THROUGH_WEBHOOK, prefix: 'w', source: 'prom' }, webhook),
      perSecond({ name: THROUGH_API, prefix: 'a', source: 'bench' }, (alerts) => postAlerts(program.url, alerts)),
      one(environment, webhook, { name: ONE, prefix: 'o', pauseMs: PAUSE_MS }),
      one(environment, webhook, { name: ONE_AFTER_ANOTHER, prefix: 'b', pauseMs: 0 }),
      { name: LARGE, measure: (round) => largeRequest(environment, round) },
      await commitFloor(environment),
    ];
  },
};

/** Measures new alerts until the last one is active. What the program does about them afterwards is no part of it. */
const lane =
  (environment: Environment, count: number) =>
  (
    { name, prefix, source }: { name: string; prefix: string; source: string },
    send: (alerts: readonly SentAlert[]) => Promise<Received>,
  ): Lane => ({
    name,
    async measure(round) {
      await untilIdle(environment);
      const before = await alertsIn(environment, source);
      const all = batches(alertsOf(`${prefix}${round}`, count));
      const from = performance.now();
      for (const alerts of all) await send(alerts);
      const accepted = performance.now() - from;
      await untilTaken(environment);
      const active = performance.now() - from;
      const added = (await alertsIn(environment, source)) - before;
      if (added !== count) throw new Error(`${added} of ${count} alerts are active`);
      return { 'alerts per second': (count * 1_000) / active, 'accepted per second': (count * 1_000) / accepted };
    },
  });

/** Measures one alert until its request is answered. Without a pause, the program still files the ticket of the last one. */
const one = (
  environment: Environment,
  send: (alerts: readonly SentAlert[]) => Promise<Received>,
  { name, prefix, pauseMs }: { name: string; prefix: string; pauseMs: number },
): Lane => ({
  name,
  async measure(round) {
    await untilIdle(environment);
    const alerts = alertsOf(`${prefix}${round}`, ONE_AT_A_TIME);
    const { ms } = await load(alerts.length, 1, (n) => send(alerts.slice(n, n + 1)), pauseMs);
    return p50AndP99(ms);
  },
});

/** A process that has just started, because memory that was used once is kept. It has a database of its own. */
async function largeRequest(environment: Environment, round: number): Promise<Record<string, number>> {
  const { url, pool } = await environment.database(`bench_large_${round}`);
  const program = await environment.program(['start'], { DATABASE_URL: url });
  // The caches and the compiled code of a process that works.
  const webhook = `${program.url}/api/webhooks/alertmanager/prom`;
  for (const alerts of batches(alertsOf(`6${round}`, WARM_UP), 1)) await post(webhook, alertmanagerGroup(alerts));
  await untilTaken({ pool });
  await untilIdle({ pool });
  const before = residentMiB(program.pid);
  let most = before;
  const look = setInterval(() => {
    most = Math.max(most, residentMiB(program.pid));
  }, 10);
  const from = performance.now();
  const { ms } = await post(webhook, alertmanagerGroup(alertsOf(`5${round}`, LARGE_ALERTS)));
  await untilTaken({ pool });
  const taken = performance.now() - from;
  await untilIdle({ pool });
  clearInterval(look);
  const after = residentMiB(program.pid);
  await program.stop();
  return {
    ...{ 'MiB before': before, 'MiB at most': most, 'MiB after': after },
    ...{ 'ms until answered': ms, 'ms until all are active': taken },
  };
}

const alertsIn = ({ pool }: Environment, source: string): Promise<number> =>
  countOf(pool, 'actors where kind = $1 and id like $2', ['alert', `alert:${source}:%`]);

/** The alerts of every stored request are active. */
const untilTaken = ({ pool }: Pick<Environment, 'pool'>): Promise<void> =>
  waitFor(async () => (await countOf(pool, "webhook_requests where status = 'waiting'")) === 0);

/** Nothing is left to do about alerts, which would slow down what is measured next. */
const untilIdle = ({ pool }: Pick<Environment, 'pool'>): Promise<void> =>
  waitFor(async () => (await countOf(pool, "effects where status in ('pending', 'running')")) === 0);
