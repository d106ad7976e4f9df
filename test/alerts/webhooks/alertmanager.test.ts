import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { alertmanager } from '../../../src/alerts/senders/alertmanager.ts';
import { type AlertingPrometheus, startAlertingPrometheus } from '../../support/alertingPrometheus.ts';
import { type Alertmanager, startAlertmanager } from '../../support/alertmanager.ts';
import { eventually } from '../../support/eventually.ts';
import { type SenderEnvironment, startSenderEnvironment, tokenOf } from '../../support/senderEnvironment.ts';

/** Each flush of these Alertmanagers gives up after some 10 s, so later flushes have to deliver what was missed. */
const AWAY_MS = 120_000;
/** The time away, and the waits for notifications before and after it, which are long on a busy machine. */
const LIMIT_MS = 480_000;

let environment: SenderEnvironment;
let pair: Alertmanager[] = [];
let prometheus: AlertingPrometheus | undefined;
beforeAll(async () => {
  environment = await startSenderEnvironment([{ id: 'prom', kind: 'alertmanager' }]);
  const url = `${environment.url}/api/webhooks/alertmanager/prom`;
  const receiver = alertmanager.block({ url, source: 'prom' }).replace('YOUR-TOKEN', tokenOf('prom'));
  const first = await startAlertmanager(receiver);
  pair = [first, await startAlertmanager(receiver, first.peer)];
  prometheus = await startAlertingPrometheus(pair.map(({ address }) => address));
});
afterAll(async () => {
  await Promise.all([prometheus, ...pair].map((each) => each?.stop()));
  await environment.close();
});

/** To both, as Prometheus does. */
const post = (...alerts: object[]) => Promise.all(pair.map((each) => each.post(alerts)));
const alert = (alertname: string, more: object = {}) => ({
  labels: { alertname, severity: 'critical', surface: 'shop' },
  annotations: { summary: `${alertname} of the shop` },
  generatorURL: 'http://prometheus.example/graph',
  ...more,
});
const subjects = () =>
  environment
    .tickets()
    .map(({ subject }) => subject.replace(/^\[[^\]]*\] /, ''))
    .toSorted();
const webhooks = async (status: string) => {
  const sql = "select count(*)::int as n from webhook_requests where source = 'prom' and status = $1";
  return (await environment.pool.query<{ n: number }>(sql, [status])).rows[0]?.n ?? 0;
};
const alerts = async (state: string) => {
  const list = (await (await environment.ask(`/console/alerts?state=${state}`)).json()) as {
    rows: { title: string }[];
  };
  return list.rows.map(({ title }) => title).toSorted();
};
const ofEach = (read: (peer: Alertmanager) => Promise<number>) => Promise.all(pair.map(read));

it(
  'a Prometheus with a real rule and a pair of Alertmanagers, one restarted, and our side away for two minutes lead to one ticket an alert',
  async () => {
    await post(alert('DiskFull'), alert('HighLoad'));
    // The third is that of Prometheus.
    await eventually(() => expect(subjects()).toHaveLength(3), 100_000);
    await pair[0]?.restart();
    await post(alert('DiskFull'), alert('HighLoad'));
    const before = await webhooks('done');
    await eventually(async () => expect(await webhooks('done')).toBeGreaterThan(before + 3));

    let delivered: number[] = [];
    await environment.whileAway(async () => {
      const away = sleep(AWAY_MS);
      await prometheus?.bringTargetUp();
      await post(alert('DiskFull'), alert('HighLoad'), alert('QueueFull'));
      await eventually(async () =>
        expect(await ofEach((peer) => peer.count('alertname', 'TargetDown'))).toEqual([0, 0]),
      );
      await eventually(async () => expect(Math.min(...(await ofEach((peer) => peer.failures())))).toBeGreaterThan(0));
      delivered = await ofEach((peer) => peer.deliveries());
      await away;
    });
    await eventually(async () => {
      const now = await ofEach((peer) => peer.deliveries());
      expect(Math.min(...now.map((count, i) => count - (delivered[i] ?? 0)))).toBeGreaterThan(0);
    }, 100_000);
    await eventually(() => expect(subjects()).toHaveLength(4), 100_000);
    await eventually(async () => expect(await alerts('resolved')).toEqual(['shop is down']), 100_000);

    // Alertmanager ends an alert that is not repeated for five minutes.
    await post(alert('DiskFull'), alert('QueueFull'), alert('HighLoad', { endsAt: new Date().toISOString() }));
    await eventually(async () => {
      expect(await alerts('resolved')).toEqual(['HighLoad of the shop', 'shop is down']);
    }, 100_000);
    expect(await alerts('firing')).toEqual(['DiskFull of the shop', 'QueueFull of the shop']);
    expect(await webhooks('dead')).toBe(0);
    expect(subjects()).toEqual([
      'P1: DiskFull of the shop - Shop (shop)',
      'P1: HighLoad of the shop - Shop (shop)',
      'P1: QueueFull of the shop - Shop (shop)',
      'P1: shop is down - Shop (shop)',
    ]);
  },
  LIMIT_MS,
);
