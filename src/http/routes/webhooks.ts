import { Problem } from '../../lib/problem.ts';
import { withinPageDeadline } from '../answerWithin.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { readRaw } from '../middleware/body.ts';
import * as answers from '../schemas/answers.ts';

export function webhookRoutes(services: ConsoleApi): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/api/webhooks/freescout',
      access: 'anyone',
      summary: 'Ticket changes pushed by FreeScout, signed in X-FreeScout-Signature over the bytes of the body.',
      raw: true,
      answers: {
        200: { what: 'Taken.', schema: answers.taken },
        401: { what: 'The signature is missing or wrong, or no secret is set.' },
      },
      async handle(ctx) {
        const signature = ctx.get('x-freescout-signature');
        const body = await readRaw(ctx);
        const taking = services.freescoutWebhook(body, signature === '' ? undefined : signature);
        const taken = await withinPageDeadline(taking);
        if (!taken) throw new Problem('unauthenticated', 'The signature does not fit.');
        return { kind: 'json', json: { accepted: true } };
      },
    }),
  ];
}
