import { Problem } from '../../lib/problem.ts';
import { withinPageDeadline } from '../answerWithin.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import * as answers from '../schemas/answers.ts';
import { noFields, sessionParams, sessionsQuery } from '../schemas/inputs.ts';
import { sessionsPage } from '../views/sessions.tsx';
import { auditActor } from './auditActor.ts';

const PATH = '/console/sessions';

export function sessionRoutes(services: ConsoleApi): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: PATH,
      access: 'admin',
      summary: 'Who is signed in, and where.',
      query: sessionsQuery,
      answers: { 200: { what: 'One page of sessions.', schema: answers.sessions, page: true } },
      async handle(ctx, { query }) {
        const sessions = await withinPageDeadline(services.sessions(query));
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
        const found = await withinPageDeadline(services.revokeSession(params.id, auditActor(ctx)));
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
