import { Problem } from '../../lib/problem.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { withDeadline, withPageDeadline } from '../deadlines.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import * as answers from '../schemas/answers.ts';
import { alertsQuery, emissions } from '../schemas/inputs.ts';
import { alertsPage } from '../views/alerts.tsx';

const INTAKE_DEADLINE_MS = 15_000;

export function alertRoutes(services: ConsoleApi): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/console/alerts',
      access: 'viewer',
      summary: 'Lists active and recent alerts, each with its ticket or the reason why it has none.',
      query: alertsQuery,
      answers: { 200: { description: 'One page of alerts.', schema: answers.alerts, page: true } },
      async handle(_ctx, { query }) {
        const alerts = await withPageDeadline(services.alerts(query));
        return { kind: 'view', json: alerts, page: () => alertsPage(alerts, query) };
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/alerts',
      access: 'sender',
      summary: 'Accepts alerts of one source, all or none. Repeating an alert changes nothing.',
      body: emissions,
      answers: {
        202: { description: 'All alerts are stored durably.', schema: answers.accepted },
        403: { description: 'The token belongs to another source.' },
      },
      async handle(ctx, { body }) {
        const { principal } = ctx.state;
        if (principal?.kind === 'sender' && principal.source !== body.source) {
          throw new Problem('forbidden', `This token may only send alerts of ${principal.source}.`, {
            field: 'source',
          });
        }
        const answer = await withDeadline(
          INTAKE_DEADLINE_MS,
          'The database',
          services.ingest(body.source, body.alerts),
        );
        return { kind: 'json', status: 202, json: answer };
      },
    }),
  ];
}
