import { afterAll, beforeAll, expect, it } from 'vitest';
import { alertmanager } from '../../../src/alerts/senders/alertmanager.ts';
import { type AlertingPrometheus, startAlertingPrometheus } from '../../support/alertingPrometheus.ts';
import { type Alertmanager, startAlertmanager } from '../../support/alertmanager.ts';
import { eventually } from '../../support/eventually.ts';
import { type SenderEnvironment, startSenderEnvironment, tokenOf } from '../../support/senderEnvironment.ts';

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
const requests = async () => {
  const sql = "select count(*)::int as n from webhook_requests where source = 'prom' and status = 'done'";
  return (await environment.pool.query<{ n: number }>(sql)).rows[0]?.n ?? 0;
};

it('a Prometheus with a real rule and a pair of Alertmanagers, one restarted, and our side away for a while lead to one ticket an alert', async () => {
  await post(alert('DiskFull'), alert('HighLoad'));
  // The third is that of Prometheus.
  await eventually(() => expect(subjects()).toHaveLength(3), 100_000);
  await pair[0]?.restart();
  await post(alert('DiskFull'), alert('HighLoad'));
  const before = await requests();
  await eventually(async () => expect(await requests()).toBeGreaterThan(before + 3));

  await environment.whileAway(async () => {
    await post(alert('QueueFull'));
    await eventually(async () => expect((await pair[1]?.failures()) ?? 0).toBeGreaterThan(0));
  });
  await eventually(() => expect(subjects()).toHaveLength(4), 100_000);

  await prometheus?.bringTargetUp();
  await post(alert('HighLoad', { endsAt: new Date().toISOString() }));
  await eventually(async () => {
    const list = (await (await environment.ask('/console/alerts?state=resolved')).json()) as {
      rows: { title: string }[];
    };
    expect(list.rows.map(({ title }) => title).toSorted()).toEqual(['HighLoad of the shop', 'shop is down']);
  }, 100_000);
  expect(subjects()).toEqual([
    'P1: DiskFull of the shop - Shop (shop)',
    'P1: HighLoad of the shop - Shop (shop)',
    'P1: QueueFull of the shop - Shop (shop)',
    'P1: shop is down - Shop (shop)',
  ]);
}, 360_000);
