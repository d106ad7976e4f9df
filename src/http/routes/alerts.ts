import { unknownFields } from '../../alerts/intake/readEmission.ts';
import { Problem } from '../../lib/problem.ts';
import type { EmissionAnswer } from '../../model/alerts.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { withDeadline, withPageDeadline } from '../deadlines.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import type { IntakePlaces } from '../intakePlaces.ts';
import { INTAKE_BODY_LIMIT } from '../middleware/body.ts';
import type { PageReads } from '../pageReads.ts';
import * as answers from '../schemas/answers.ts';
import { alertParams, alertsQuery, emissions, resolveForm, resolveReason } from '../schemas/inputs.ts';
import { OVER_QUOTA, type SourceQuota } from '../sourceQuota.ts';
import { alertPage } from '../views/alert.tsx';
import { alertsPage } from '../views/alerts.tsx';
import { alertHref } from '../views/elements.tsx';
import { auditActor } from './auditActor.ts';

const INTAKE_DEADLINE_MS = 15_000;
/** Fit into one transaction within that time. */
const MAX_ALERTS = 5_000;

interface Limits {
  reads: PageReads;
  quota: SourceQuota;
  places: IntakePlaces;
}

export function alertRoutes(services: ConsoleApi, { reads, quota, places }: Limits): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/console/alerts',
      access: 'viewer',
      summary: 'Lists active and recent alerts, each with its ticket or the reason why it has none.',
      query: alertsQuery,
      answers: { 200: { description: 'One page of alerts.', schema: answers.alerts, page: true } },
      async handle(ctx, { query }) {
        const alerts = await reads.search(ctx, (signal) => services.alerts(query, signal));
        return { kind: 'view', json: alerts, page: () => alertsPage(alerts, query) };
      },
    }),
    storyRoute(services, reads),
    resolveRoute(services),
    endpoint({
      method: 'post',
      path: '/api/alerts',
      access: 'sender',
      summary:
        'Accepts alerts of one source. Each that cannot be used is named in the answer; repeating one changes nothing.',
      body: emissions,
      bodyLimit: INTAKE_BODY_LIMIT,
      answers: {
        202: { description: 'All accepted alerts are stored durably.', schema: answers.accepted },
        403: { description: 'The token belongs to another source.' },
        429: {
          description:
            'Nothing is stored: the source has sent too many requests within a minute, or too many of its alerts wait (`too_many_requests`).',
        },
        503: {
          description:
            'Some alerts are not stored and have to be sent again; `field` or `faults` names them, the others are stored (`busy`). If none is named, or the database is unavailable (`database_unavailable`), send all again.',
        },
      },
      async handle(ctx, { body }) {
        const { principal } = ctx.state;
        if (principal?.kind === 'sender' && principal.source !== body.source) {
          throw new Problem('forbidden', `This token may only send alerts of ${principal.source}.`, {
            field: 'source',
          });
        }
        const waitSeconds = quota.take(body.source);
        if (waitSeconds !== null) {
          services.refused('over_quota', ctx.ip, ctx.state.source);
          ctx.set('Retry-After', String(waitSeconds));
          throw new Problem('too_many_requests', OVER_QUOTA);
        }
        const answer = await withDeadline(
          INTAKE_DEADLINE_MS,
          'The database',
          places.run(ctx, { source: body.source, alerts: Math.min(body.alerts.length, MAX_ALERTS) }, () =>
            services.ingest(body.source, body.alerts, MAX_ALERTS),
          ),
        );
        return { kind: 'json', status: 202, json: withUnknownFields(answer, body) };
      },
    }),
  ];
}

const storyRoute = (services: ConsoleApi, reads: PageReads): Endpoint =>
  endpoint({
    method: 'get',
    path: '/console/alerts/:alert_key',
    access: 'viewer',
    summary: 'Returns one alert with its details, its active periods and their tickets, its messages and its history.',
    params: alertParams,
    answers: {
      200: { description: 'The alert.', schema: answers.alertStory, page: true },
      404: { description: 'No such alert (`unknown_alert`).' },
    },
    async handle(ctx, { params }) {
      const alert = await reads.read(ctx, (signal) => services.alert(params.alert_key, signal));
      if (alert === null) throw new Problem('unknown_alert', `There is no alert "${params.alert_key}".`);
      return { kind: 'view', json: alert, page: () => alertPage(alert) };
    },
  });

const resolveRoute = (services: ConsoleApi): Endpoint =>
  endpoint<{ alert_key: string }, unknown, { reason: string; from?: 'list' | 'alert' }>({
    method: 'post',
    path: '/console/alerts/:alert_key/resolve',
    access: 'operator',
    summary: 'Ends an active alert whose resolution got lost. Its ticket stays open.',
    params: alertParams,
    body: resolveReason,
    form: resolveForm,
    answers: {
      200: { description: 'The alert has ended.', schema: answers.resolvedByHand },
      303: { description: 'For a form: back to its page.' },
      404: { description: 'No such alert (`unknown_alert`).' },
      409: { description: 'It is not active (`not_active`).' },
    },
    async handle(ctx, { params, body }) {
      const { alert_key } = params;
      await withPageDeadline(services.resolveAlert(alert_key, body.reason, auditActor(ctx)));
      return {
        kind: 'done',
        json: { alert_key, state: 'resolved' },
        back: body.from === 'alert' ? alertHref(alert_key) : '/console/alerts',
        flash: { tone: 'good', text: `${alert_key} is resolved.` },
      };
    },
  });

const FIELDS: ReadonlySet<string> = new Set(['source', 'alerts']);

function withUnknownFields(answer: EmissionAnswer, body: object): EmissionAnswer {
  const unknown = unknownFields(body, FIELDS).map((remark) => ({ index: null, ...remark }));
  return unknown.length === 0 ? answer : { ...answer, warnings: [...unknown, ...(answer.warnings ?? [])] };
}
