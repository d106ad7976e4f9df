import type { Emission } from '../transport.ts';
import { bearer, type Format, isoOf, json, only, path, WORDS } from './format.ts';

/** What the webhook senders of a run post, in their own formats. */

const BROKEN = ['', '{"alerts":[', 'Service down', '[]', '{"alerts":"none"}'] as const;

function groupOf(emissions: readonly Emission[], version: string, unusable: number): object {
  const alerts: unknown[] = emissions.map(({ alert, status, severity }) => ({
    status,
    labels: { alertname: 'Injected', severity: WORDS[severity], instance: alert.alertId },
    annotations: { summary: alert.title, description: null },
    startsAt: isoOf(alert.startsAt),
    endsAt: status === 'resolved' ? isoOf(alert.endsAt ?? alert.startsAt) : '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus.example/graph?g0.expr=up',
    fingerprint: alert.alertId.slice(0, 16),
  }));
  for (let n = 0; n < unusable; n += 1) alerts.splice(n, 0, n % 2 === 0 ? null : { status: 'firing', labels: 7 });
  const status = emissions.some((each) => each.status === 'firing') ? 'firing' : 'resolved';
  const labels = { groupLabels: {}, commonLabels: {}, commonAnnotations: {} };
  return { version, groupKey: '{}:{}', truncatedAlerts: 0, status, receiver: 'faults', ...labels, orgId: 1, alerts };
}

const groups = (sender: string, version: string, namespace: readonly unknown[]): Format => ({
  identity: ({ alertId }) => [...namespace, alertId.slice(0, 16)],
  post: (emissions, to, { unusable }) => json(path(sender, to), bearer(to), groupOf(emissions, version, unusable)),
  malformed: (to, random) => json(path(sender, to), bearer(to), random.pick(BROKEN)),
});

/** The token is in the address, and the body is JSON, a form or a query. */
const uptimeKuma: Format = {
  identity: ({ alertId }) => [monitorId(alertId)],
  post(emissions, to, { random }) {
    const { alert, status, severity, at } = only(emissions);
    const id = monitorId(alert.alertId);
    const monitor = { id, name: alert.title, type: 'port', tags: [{ name: 'severity', value: WORDS[severity] }] };
    const heartbeat = {
      monitorID: id,
      status: status === 'firing' ? 0 : 1,
      time: isoOf(at),
      msg: 'connect ECONNREFUSED',
    };
    const sent = { monitor, heartbeat, msg: `[${alert.title}] changed` };
    const address = `${path('uptime-kuma', to)}/${to.token}`;
    const how = random.weighted({ json: 6, form: 2, query: 2 });
    if (how === 'json') return json(address, {}, sent);
    if (how === 'form') {
      const part = `--b0undary\r\nContent-Disposition: form-data; name="data"\r\n\r\n${JSON.stringify(sent)}\r\n`;
      const headers = { 'content-type': 'multipart/form-data; boundary=b0undary' };
      return { method: 'POST', path: address, headers, body: `${part}--b0undary--\r\n` };
    }
    const query = new URLSearchParams(
      Object.entries(sent).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
    );
    return { method: 'GET', path: `${address}?${query}`, headers: {}, body: '' };
  },
  malformed: (to, random) =>
    json(`${path('uptime-kuma', to)}/${to.token}`, {}, random.pick(['{', '{"monitor":5,"heartbeat":[]}', 'down'])),
};

/** The first digits of an alert's id are the number of its incident. */
const monitorId = (alertId: string): number => Number.parseInt(alertId.slice(0, 6), 16);

/** What Gatus fills in is not escaped, so that some of its JSON is broken, and still understood. */
const gatus: Format = {
  identity: ({ alertId }) => ['faults', alertId],
  post(emissions, to, { random }) {
    const { alert, status, severity } = only(emissions);
    const conditions = random.chance(0.3) ? '✗ [BODY] == "up"' : '✗ [CONNECTED] == true';
    const fields = [
      ...[`"group":"faults"`, `"name":"${alert.alertId}"`, `"severity":"${WORDS[severity]}"`],
      ...[`"status":"${status === 'firing' ? 'TRIGGERED' : 'RESOLVED'}"`, `"description":"${alert.title}"`],
      ...[`"errors":""`, `"conditions":"${conditions}"`],
    ];
    return json(path('gatus', to), { 'x-api-key': to.token }, `{${fields.join(',')}}`);
  },
  malformed: (to, random) =>
    json(
      path('gatus', to),
      { 'x-api-key': to.token },
      random.pick(['{"group":"faults","status":"TRIGGERED"}', '{"name":"api","status":"?"}', '<html>']),
    ),
};

/** The token is the routing key in the body. */
const pagerDuty: Format = {
  identity: ({ alertId }) => [alertId],
  post(emissions, to) {
    const { alert, status, severity } = only(emissions);
    const event = { routing_key: to.token, dedup_key: alert.alertId };
    if (status === 'resolved') return json('/v2/enqueue', {}, { ...event, event_action: 'resolve' });
    const payload = { summary: alert.title, source: 'faults', severity: WORDS[severity], custom_details: { run: 1 } };
    return json('/v2/enqueue', {}, { ...event, event_action: 'trigger', payload, links: [], images: [] });
  },
  malformed: (to, random) =>
    json(
      '/v2/enqueue',
      {},
      random.pick([
        `{"routing_key":"${to.token}","event_action":"explode","payload":{}}`,
        `{"routing_key":"${to.token}","event_action":"trigger","payload":{"summary":"cut o`,
      ]),
    ),
};

const opsgenie: Format = {
  identity: ({ alertId }) => [alertId],
  post(emissions, to) {
    const { alert, status, severity } = only(emissions);
    const alerts = `${path('opsgenie', to)}/v2/alerts`;
    const key = { authorization: `GenieKey ${to.token}` };
    if (status === 'resolved')
      return json(`${alerts}/${alert.alertId}/close?identifierType=alias`, key, { source: 'faults' });
    return json(alerts, key, { alias: alert.alertId, message: alert.title, priority: severity, tags: ['faults'] });
  },
  malformed: (to, random) =>
    json(
      `${path('opsgenie', to)}/v2/alerts`,
      { authorization: `GenieKey ${to.token}` },
      random.pick(['{}', '{"priority":"P1"}', 'null']),
    ),
};

/** Structured, binary or in a batch. */
const cloudEvents: Format = {
  identity: ({ alertId }) => ['/faults', alertId],
  post(emissions, to, { random }) {
    const { alert, status, severity, at } = only(emissions);
    const attributes = {
      ...{ specversion: '1.0', source: '/faults', subject: alert.alertId, time: isoOf(at) },
      // The same for each try, as the specification wants it.
      ...{ id: `${alert.alertId}-${at}`, type: `com.example.check.${status === 'firing' ? 'failed' : 'recovered'}` },
    };
    const data = { severity: WORDS[severity], title: alert.title };
    const how = random.weighted({ structured: 4, binary: 3, batch: 3 });
    if (how === 'binary') {
      const headers = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, encodeURIComponent(value)]);
      return json(path('cloudevents', to), { ...Object.fromEntries(headers), ...bearer(to) }, data);
    }
    const event = { ...attributes, datacontenttype: 'application/json', data };
    const type = `application/cloudevents${how === 'batch' ? '-batch' : ''}+json`;
    const headers = { 'content-type': type, ...bearer(to) };
    return json(path('cloudevents', to), headers, how === 'batch' ? [event] : event);
  },
  malformed: (to, random) =>
    json(
      path('cloudevents', to),
      bearer(to),
      random.pick(['{"id":"1","source":"/x"}', '{"specversion":"1.0"}', '"x"']),
    ),
};

/** A script of one's own, in the format of `POST /api/alerts`. */
const script: Format = {
  identity: ({ alertId }) => [alertId],
  post(emissions, to) {
    const { alert, status, severity } = only(emissions);
    const fields = { alert_id: alert.alertId, status, severity, title: alert.title, details: '' };
    return json(path('generic', to), bearer(to), fields);
  },
  malformed: (to, random) =>
    json(path('generic', to), bearer(to), random.pick(['{"status":"firing"}', '{"alert_id":"x","status":"?"}', '{'])),
};

export const FORMATS = {
  alertmanager: groups('alertmanager', '4', []),
  grafana: groups('grafana', '1', [1]),
  'uptime-kuma': uptimeKuma,
  gatus,
  pagerduty: pagerDuty,
  opsgenie,
  cloudevents: cloudEvents,
  generic: script,
} satisfies Record<string, Format>;
export type SenderName = keyof typeof FORMATS;
