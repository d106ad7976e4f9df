import { Problem } from '../../errors.ts';
import { soon } from '../deadline.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import * as answers from '../schemas/answers.ts';
import { deadLetterParams, noFields, pageQuery } from '../schemas/inputs.ts';
import type { Services } from '../services.ts';
import { deadLettersPage } from '../views/deadLetters.tsx';
import { byWhom } from './byWhom.ts';

export function deadLetterRoutes(services: Services): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/console/dead-letters',
      access: 'viewer',
      summary: 'What could not be delivered, and why.',
      query: pageQuery,
      answers: { 200: { what: 'One page of dead letters.', schema: answers.deadLetters, page: true } },
      async handle(_ctx, { query }) {
        const letters = await soon(services.deadLetters(query));
        return { kind: 'view', json: letters, page: () => deadLettersPage(letters, query.cursor) };
      },
    }),
    endpoint({
      method: 'post',
      path: '/console/dead-letters/:id/replay',
      access: 'admin',
      summary: 'Tries it once more.',
      params: deadLetterParams,
      form: noFields,
      answers: {
        200: { what: 'It is on its way again.', schema: answers.replayed },
        303: { what: 'For a form: back to the list.' },
        404: { what: 'No such dead letter.' },
      },
      async handle(ctx, { params }) {
        const replaying = services.replayDeadLetter(params.id, byWhom(ctx));
        const found = await soon(replaying);
        if (!found) throw new Problem('not_found', 'There is no such dead letter; perhaps it was replayed already.');
        return {
          kind: 'done',
          json: { id: params.id, replayed: true },
          back: '/console/dead-letters',
          flash: { tone: 'good', text: 'On its way again. If it fails once more, it comes back here.' },
        };
      },
    }),
  ];
}
