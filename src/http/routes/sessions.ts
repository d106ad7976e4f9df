import { Problem } from '../../errors.ts';
import { soon } from '../deadline.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import * as answers from '../schemas/answers.ts';
import { noFields, sessionParams, sessionsQuery } from '../schemas/inputs.ts';
import type { Services } from '../services.ts';
import { sessionsPage } from '../views/sessions.tsx';
import { byWhom } from './byWhom.ts';

const PATH = '/console/sessions';

export function sessionRoutes(services: Services): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: PATH,
      access: 'admin',
      summary: 'Who is signed in, and where.',
      query: sessionsQuery,
      answers: { 200: { what: 'One page of sessions.', schema: answers.sessions, page: true } },
      async handle(ctx, { query }) {
        const sessions = await soon(services.sessions(query));
        const own = ctx.state.session?.id ?? null;
        return { kind: 'view', json: sessions, page: () => sessionsPage(sessions, { cursor: query.cursor, own }) };
      },
    }),
    endpoint({
      method: 'post',
      path: `${PATH}/:id/revoke`,
      access: 'admin',
      summary: 'Ends a session; its browser has to sign in again.',
      params: sessionParams,
      form: noFields,
      answers: {
        200: { what: 'It has ended, in every process.', schema: answers.revoked },
        303: { what: 'For a form: back to the list.' },
        404: { what: 'No such session.' },
      },
      async handle(ctx, { params }) {
        const found = await soon(services.revokeSession(params.id, byWhom(ctx)));
        if (!found) throw new Problem('not_found', 'There is no such session; perhaps it has ended already.');
        return {
          kind: 'done',
          json: { id: params.id, revoked: true },
          back: PATH,
          flash: { tone: 'good', text: 'That session has ended.' },
        };
      },
    }),
  ];
}
