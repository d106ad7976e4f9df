import { accepted, NotUnderstood, type Reading, type Sender, type SenderRequest, type SentAlert } from './sender.ts';
import { type Fields, fieldsOf, jsonObject } from './shared/body.ts';
import { readGroup, sampleGroup } from './shared/prometheus.ts';
import { firstText, lookUp, paragraphs } from './shared/values.ts';

/**
 * Grafana Alerting, and the legacy alerts of Grafana before version 8. When a rule has no data or fails, Grafana resolves
 * its alerts and fires DatasourceNoData or DatasourceError with a fingerprint of its own, which it resolves by itself.
 */
export const grafana: Sender = {
  name: 'grafana',
  title: 'Grafana Alerting',
  methods: ['post', 'put'],
  repeats: 'interval',
  keepsIds: true,
  retriesOn429: false,
  accepted,
  read(request) {
    const body = jsonObject(request);
    return Array.isArray(body.alerts) ? readUnified(request) : readLegacy(body);
  },
  sample: (status, title) => sampleGroup(status, title, { group: { version: '1', orgId: 1, title } }),
  block: ({ url }) => `apiVersion: 1
contactPoints:
  - orgId: 1
    name: Auto-Ticketing
    receivers:
      - uid: auto-ticketing
        type: webhook
        settings:
          url: ${url}
          httpMethod: POST
          authorization_scheme: Bearer
          authorization_credentials: YOUR-TOKEN
`,
};

const readUnified = (request: SenderRequest): Reading => {
  const reading = readGroup(request, (group) => ({
    namespace: [group.orgId ?? 1],
    links: ({ silenceURL, panelURL }) => ({ panel: firstText(panelURL), silence: firstText(silenceURL) }),
  }));
  return { ...reading, alerts: reading.alerts.map(withoutInternals).map(namingItsRule) };
};

/** Labels such as `__alert_rule_uid__` are Grafana's own. */
const withoutInternals = (alert: SentAlert): SentAlert => ({
  ...alert,
  labels: Object.fromEntries(Object.entries(alert.labels ?? {}).filter(([name]) => !/^__.*__$/.test(name))),
});

const OF_THE_DATASOURCE = new Set<unknown>(['DatasourceNoData', 'DatasourceError']);

/** Its annotations are those of the rule, and describe what the rule looks for, which is not what happened. */
function namingItsRule(alert: SentAlert): SentAlert {
  const { alertname, rulename } = alert.labels ?? {};
  const rule = firstText(rulename);
  if (!OF_THE_DATASOURCE.has(alertname) || rule === undefined) return alert;
  return {
    ...alert,
    title: `${rule}: ${alertname}`,
    details: paragraphs(firstText(alert.title), firstText(alert.details)),
  };
}

/** `paused` and `pending` say nothing about the alert. */
const LEGACY: Record<string, 'firing' | 'resolved'> = { alerting: 'firing', no_data: 'firing', ok: 'resolved' };

function readLegacy(body: Fields): Reading {
  const state = firstText(body.state)?.toLowerCase();
  const rule = firstText(body.ruleId, body.ruleName);
  if (state === undefined || rule === undefined) {
    throw new NotUnderstood('The body has neither "alerts" nor "state" with "ruleId" or "ruleName".');
  }
  const status = lookUp(LEGACY, state);
  if (status === undefined) return { alerts: [] };
  const tags = fieldsOf(body.tags);
  return {
    alerts: [
      {
        identity: [body.orgId ?? 1, rule],
        status,
        severity: tags.severity,
        title: firstText(body.ruleName, body.title),
        details: firstText(body.message),
        url: firstText(body.ruleUrl),
        labels: tags,
      },
    ],
  };
}
