import { packageVersion } from '../../lib/packageVersion.ts';
import { Problem } from '../../lib/problem.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { withDeadline } from '../deadlines.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import * as answers from '../schemas/answers.ts';
import { sameText } from '../signing.ts';

const PROBE_DEADLINE_MS = 3_000;

/**
 * Health checks and metrics for the hosting platform. They need no sign-in, and every process has them. A proxy that blocks
 * one of them compares its path exactly, so no other spelling of it is found.
 */
export function healthRoutes(
  services: Pick<ConsoleApi, 'readiness' | 'metrics'>,
  metricsToken: () => string | null,
): Endpoint[] {
  const version = packageVersion();
  return [
    endpoint({
      method: 'get',
      path: '/healthz',
      exactPath: true,
      access: 'anyone',
      summary: 'Answers while this process is alive.',
      answers: { 200: { description: 'Alive.', schema: answers.alive } },
      handle: () => ({ kind: 'json', json: { status: 'ok', version } }),
    }),
    endpoint({
      method: 'get',
      path: '/readyz',
      exactPath: true,
      access: 'anyone',
      summary:
        'Answers whether this process can work: the database is reachable and migrated, and its poller (if any) runs.',
      answers: {
        200: { description: 'Ready.', schema: answers.readiness },
        503: { description: 'Not ready; `checks` names what is missing.', schema: answers.readiness },
      },
      async handle() {
        const readiness = await withDeadline(PROBE_DEADLINE_MS, 'The database', services.readiness()).catch(() => ({
          ready: false,
          checks: { database: 'does not answer' },
        }));
        return { kind: 'json', status: readiness.ready ? 200 : 503, json: readiness };
      },
    }),
    endpoint({
      method: 'get',
      path: '/metrics',
      exactPath: true,
      access: 'anyone',
      summary: 'Returns metrics in the Prometheus text format.',
      answers: {
        200: { description: 'The metrics.', type: 'text/plain' },
        401: { description: 'METRICS_TOKEN is set, and this is not its bearer.' },
      },
      async handle(ctx) {
        const given = /^Bearer +(\S+)$/i.exec(ctx.get('authorization'))?.[1] ?? '';
        const wanted = metricsToken();
        if (wanted !== null && !sameText(given, wanted)) {
          ctx.set('WWW-Authenticate', 'Bearer');
          throw new Problem('unauthenticated', 'Send METRICS_TOKEN as a Bearer token.');
        }
        const { contentType, text } = await withDeadline(PROBE_DEADLINE_MS, 'The database', services.metrics());
        return { kind: 'text', type: contentType, text };
      },
    }),
  ];
}
