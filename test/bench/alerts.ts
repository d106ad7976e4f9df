import { post } from './client.ts';

/** Alerts as senders send them, to the program and to Alertmanager. */

const BATCH = 500;

export interface SentAlert {
  id: string;
  title: string;
}

/** With what the ids of a round begin. */
export const roundOf = (round: number | string): string => `${String(round).padStart(6, '0')}-`;

/** `count` alerts of one round; their ids are unique in their first 16 characters. */
export function alertsOf(round: number | string, count: number): SentAlert[] {
  return Array.from({ length: count }, (_, n) => ({
    id: `${roundOf(round)}${String(n).padStart(9, '0')}`,
    title: `Service number ${n} of ${round} does not answer`,
  }));
}

export function batches<T>(items: readonly T[], size = BATCH): T[][] {
  const found: T[][] = [];
  for (let from = 0; from < items.length; from += size) found.push(items.slice(from, from + size));
  return found;
}

export function postAlerts(url: string, alerts: readonly SentAlert[], severity = 'P3', source = 'bench') {
  return post(`${url}/api/alerts`, {
    source,
    alerts: alerts.map(({ id, title }) => ({ alert_id: id, severity, status: 'firing', title })),
  });
}

/** The same alerts for Alertmanager, which tells alerts apart by their labels. */
export const alertmanagerAlerts = (alerts: readonly SentAlert[]) =>
  alerts.map(({ id, title }) => ({
    labels: { alertname: 'bench', id, severity: 'P3' },
    annotations: { summary: title },
  }));

/** The same alerts as Alertmanager sends them on. */
export const alertmanagerGroup = (alerts: readonly SentAlert[]) => ({
  ...{ version: '4', groupKey: '{}:{}', truncatedAlerts: 0, status: 'firing', receiver: 'bench', externalURL: '' },
  ...{ groupLabels: {}, commonLabels: {}, commonAnnotations: {} },
  alerts: alerts.map(({ id, title }) => ({
    ...{ status: 'firing', fingerprint: id, generatorURL: 'http://prometheus.example/graph' },
    labels: { alertname: 'bench', id, severity: 'warning' },
    annotations: { summary: title },
    ...{ startsAt: '2026-05-05T14:30:00Z', endsAt: '0001-01-01T00:00:00Z' },
  })),
});
