import { Problem } from '../../lib/problem.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { withPageDeadline } from '../deadlines.ts';
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
      summary: 'Lists the sessions of signed-in people.',
      query: sessionsQuery,
      answers: { 200: { description: 'One page of sessions.', schema: answers.sessions, page: true } },
      async handle(ctx, { query }) {
        const sessions = await withPageDeadline(services.sessions(query));
        const ownId = ctx.state.session?.id ?? null;
        return { kind: 'view', json: sessions, page: () => sessionsPage(sessions, { cursor: query.cursor, ownId }) };
      },
    }),
    endpoint({
      method: 'post',
      path: `${PATH}/:id/revoke`,
      access: 'admin',
      summary: 'Ends a session. Its browser has to sign in again.',
      params: sessionParams,
      form: noFields,
      answers: {
        200: { description: 'The session has ended, in every process.', schema: answers.revoked },
        303: { description: 'For a form: back to the list.' },
        404: { description: 'No such session.' },
      },
      async handle(ctx, { params }) {
        const revoked = await withPageDeadline(services.revokeSession(params.id, auditActor(ctx)));
        if (!revoked) throw new Problem('not_found', 'No such session. It may have ended already.');
        return {
          kind: 'done',
          json: { id: params.id, revoked: true },
          back: PATH,
          flash: { tone: 'good', text: 'Session ended.' },
        };
      },
    }),
  ];
}
