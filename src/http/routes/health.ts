import { answerWithin } from '../answerWithin.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import * as answers from '../schemas/answers.ts';

const PROBE_DEADLINE_MS = 3_000;

/** For the platform that runs us; these answer without a sign-in and in every process. */
export function healthRoutes(services: Pick<ConsoleApi, 'readiness' | 'metrics'>): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/healthz',
      access: 'anyone',
      summary: 'This process is alive.',
      answers: { 200: { what: 'It is.', schema: answers.alive } },
      handle: () => ({ kind: 'json', json: { status: 'ok' } }),
    }),
    endpoint({
      method: 'get',
      path: '/readyz',
      access: 'anyone',
      summary:
        'This process can do its work: the database is there and migrated, and polling has begun where it polls.',
      answers: {
        200: { what: 'Ready.', schema: answers.readiness },
        503: { what: 'Not ready; `checks` says what is missing.', schema: answers.readiness },
      },
      async handle() {
        const readiness = await answerWithin(PROBE_DEADLINE_MS, 'The database', services.readiness()).catch(() => ({
          ready: false,
          checks: { database: 'does not answer' },
        }));
        return { kind: 'json', status: readiness.ready ? 200 : 503, json: readiness };
      },
    }),
    endpoint({
      method: 'get',
      path: '/metrics',
      access: 'anyone',
      summary: 'Metrics in the Prometheus text format.',
      answers: { 200: { what: 'The metrics.', type: 'text/plain' } },
      async handle() {
        const { contentType, text } = await answerWithin(PROBE_DEADLINE_MS, 'The database', services.metrics());
        return { kind: 'text', type: contentType, text };
      },
    }),
  ];
}
