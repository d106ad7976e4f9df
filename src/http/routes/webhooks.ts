import { Problem } from '../../lib/problem.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { withPageDeadline } from '../deadlines.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { readRaw } from '../middleware/body.ts';
import * as answers from '../schemas/answers.ts';

export function webhookRoutes(services: ConsoleApi): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/api/webhooks/freescout',
      access: 'anyone',
      summary: 'Receives ticket changes from FreeScout. X-FreeScout-Signature must sign the raw body.',
      raw: true,
      rawTypes: ['application/json'],
      answers: {
        200: { description: 'Accepted.', schema: answers.taken },
        401: { description: 'The signature is missing or invalid, or no secret is set.' },
      },
      async handle(ctx) {
        const signature = ctx.get('x-freescout-signature');
        const body = await readRaw(ctx);
        const webhook = services.freescoutWebhook(body, signature === '' ? undefined : signature);
        const accepted = await withPageDeadline(webhook);
        if (!accepted) {
          services.refused('bad_signature', ctx.ip);
          throw new Problem('unauthenticated', 'Invalid signature.');
        }
        return { kind: 'json', json: { accepted: true } };
      },
    }),
  ];
}
