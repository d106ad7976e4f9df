import { Problem } from '../../lib/problem.ts';
import { answerWithin, withinPageDeadline } from '../answerWithin.ts';
import type { ConsoleApi } from '../consoleApi.ts';
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
      summary: 'Active and recent alerts, each with its ticket or the reason why it has none.',
      query: alertsQuery,
      answers: { 200: { what: 'One page of alerts.', schema: answers.alerts, page: true } },
      async handle(_ctx, { query }) {
        const alerts = await withinPageDeadline(services.alerts(query));
        return { kind: 'view', json: alerts, page: () => alertsPage(alerts, query) };
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/alerts',
      access: 'sender',
      summary: 'Takes alerts of one source, all of them or none. Repeats are welcome: they change nothing.',
      body: emissions,
      answers: {
        202: { what: 'All of them are durable.', schema: answers.accepted },
        403: { what: 'The token speaks for another source.' },
      },
      async handle(ctx, { body }) {
        const { principal } = ctx.state;
        if (principal?.kind === 'sender' && principal.source !== body.source) {
          throw new Problem('forbidden', `This token speaks for ${principal.source} only.`, { field: 'source' });
        }
        const answer = await answerWithin(
          INTAKE_DEADLINE_MS,
          'The database',
          services.ingest(body.source, body.alerts),
        );
        return { kind: 'json', status: 202, json: answer };
      },
    }),
  ];
}
