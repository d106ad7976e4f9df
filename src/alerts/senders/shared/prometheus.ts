import { NotUnderstood, type Reading, type SenderRequest, type SentAlert } from '../sender.ts';
import { type Fields, fieldsOf, isFields, jsonObject } from './body.ts';
import { readEach } from './readEach.ts';
import { firstText, labelIdentity, lines, numberIn, paragraphs } from './values.ts';

/** The webhook of Alertmanager, which Grafana sends too with more fields. Pure. */

/** Annotations that the ticket shows elsewhere. */
const SHOWN = new Set(['summary', 'description', 'message', 'runbook_url', 'runbook', 'dashboard_url', 'dashboard']);
/** Grafana's own annotations, and pictures. */
const HIDDEN = /^__|image/i;

interface Dialect {
  /** The parts of the identity before the fingerprint. */
  namespace: readonly unknown[];
  links(alert: Fields): Record<string, unknown>;
}

/** Each alert counts by its own status, never by that of its group. Throws NotUnderstood. */
export function readGroup(request: SenderRequest, dialectOf: (group: Fields) => Dialect): Reading {
  const group = jsonObject(request);
  if (!Array.isArray(group.alerts)) throw new NotUnderstood('The body has no list "alerts".');
  const dialect = dialectOf(group);
  const reading = readEach(group.alerts, (alert, n) => readAlert(alert, n, dialect));
  const truncated = leftOut(group.truncatedAlerts);
  return { ...reading, notices: truncated > 0 ? [{ kind: 'truncated', alerts: truncated }] : [] };
}

/** More than any sender can know of. */
const MAX_LEFT_OUT = 1_000_000;

/** A whole number, whatever was sent. */
function leftOut(sent: unknown): number {
  const alerts = Math.floor(numberIn(sent) ?? 0);
  return alerts > 0 ? Math.min(alerts, MAX_LEFT_OUT) : 0;
}

function readAlert(sent: unknown, n: number, { namespace, links }: Dialect): SentAlert {
  if (!isFields(sent)) throw new NotUnderstood(`alerts.${n} is not an object.`);
  const [labels, annotations] = [fieldsOf(sent.labels), fieldsOf(sent.annotations)];
  const identity = firstText(sent.fingerprint, labelIdentity(labels));
  if (identity === undefined) throw new NotUnderstood(`alerts.${n} has neither a fingerprint nor labels.`);
  const status = firstText(sent.status)?.toLowerCase() === 'resolved' ? 'resolved' : 'firing';
  const others = Object.entries(annotations).filter(([name]) => !SHOWN.has(name) && !HIDDEN.test(name));
  return {
    identity: [...namespace, identity],
    status,
    severity: labels.severity ?? labels.priority,
    title: firstText(annotations.summary, labels.alertname, annotations.message, annotations.description, identity),
    details: paragraphs(firstText(annotations.description, annotations.message), lines(Object.fromEntries(others))),
    url: firstText(sent.generatorURL),
    startsAt: sent.startsAt,
    ...(status === 'resolved' ? { endsAt: sent.endsAt } : {}),
    labels,
    links: {
      runbook: firstText(annotations.runbook_url, annotations.runbook),
      dashboard: firstText(sent.dashboardURL, annotations.dashboard_url, annotations.dashboard),
      ...links(sent),
    },
  };
}

/** The body of such a webhook for one alert. */
export const sampleGroup = (
  status: 'firing' | 'resolved',
  title: string,
  more: { group?: Fields; alert?: Fields } = {},
) => {
  const labels = { alertname: 'ConsoleTest', severity: 'none' };
  const annotations = { summary: title };
  const alert = {
    status,
    labels,
    annotations,
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: '',
    fingerprint: 'c0150a7e5700a1e7',
    ...more.alert,
  };
  const group = {
    version: '4',
    groupKey: '{}:{alertname="ConsoleTest"}',
    status,
    receiver: 'auto-ticketing',
    groupLabels: {},
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: '',
    ...more.group,
    alerts: [alert],
  };
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(group)) };
};
