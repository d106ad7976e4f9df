import { packageVersion } from '../../lib/packageVersion.ts';
import { Problem } from '../../lib/problem.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import type { Ctx } from '../context.ts';
import { withDeadline } from '../deadlines.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { refuseToken, type WrongTokens } from '../middleware/authenticate.ts';
import * as answers from '../schemas/answers.ts';
import { sameText } from '../signing.ts';

const PROBE_DEADLINE_MS = 3_000;

export interface MetricsAccess {
  /** null if anybody may read the metrics. */
  metricsToken: () => string | null;
  wrongTokens: WrongTokens;
}

/**
 * Health checks and metrics for the hosting platform. They need no sign-in, and every process has them. A proxy that blocks
 * one of them compares its path exactly, so no other spelling of it is found.
 */
export function healthRoutes(
  services: Pick<ConsoleApi, 'readiness' | 'metrics'>,
  { metricsToken, wrongTokens }: MetricsAccess,
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
        429: { description: 'Too many wrong tokens from this network.' },
      },
      async handle(ctx) {
        const wanted = metricsToken();
        if (wanted !== null) await checkToken(ctx, wanted, wrongTokens);
        const { contentType, text } = await withDeadline(PROBE_DEADLINE_MS, 'The database', services.metrics());
        return { kind: 'text', type: contentType, text };
      },
    }),
  ];
}

async function checkToken(ctx: Ctx, wanted: string, wrongTokens: WrongTokens): Promise<void> {
  const header = ctx.get('authorization');
  if (header === '') {
    ctx.set('WWW-Authenticate', 'Bearer');
    throw new Problem('unauthenticated', 'Send METRICS_TOKEN as a Bearer token.');
  }
  const given = /^Bearer +(\S+)$/i.exec(header)?.[1] ?? '';
  if (!sameText(given, wanted)) await refuseToken(ctx, wrongTokens);
}
