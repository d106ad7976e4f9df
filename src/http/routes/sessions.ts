import { Problem } from '../../lib/problem.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { withPageDeadline } from '../deadlines.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import * as answers from '../schemas/answers.ts';
import { noFields, sessionParams, sessionsQuery } from '../schemas/inputs.ts';
import { sessionsPage } from '../views/sessions.tsx';
import { auditActor } from './auditActor.ts';

const PATH = '/console/sessions';
const OWN_PATH = '/console/my-sessions';

export const sessionRoutes = (services: ConsoleApi): Endpoint[] => [...allSessions(services), ...ownSessions(services)];

/** For admins: the sessions of everybody. */
function allSessions(services: ConsoleApi): Endpoint[] {
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
        return {
          kind: 'view',
          json: sessions,
          page: () => sessionsPage(sessions, { path: PATH, cursor: query.cursor, ownId }),
        };
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

/** Callers without a session, such as scripts, have none to list. */
const NONE = { rows: [], next_cursor: null };

/** For everybody: the browsers in which they are signed in. */
function ownSessions(services: ConsoleApi): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: OWN_PATH,
      access: 'viewer',
      summary: "Lists the caller's own sessions.",
      query: sessionsQuery,
      answers: { 200: { description: 'One page of sessions.', schema: answers.sessions, page: true } },
      async handle(ctx, { query }) {
        const ownId = ctx.state.session?.id ?? null;
        const own = ownId === null ? NONE : await withPageDeadline(services.sessions({ ...query, ofHolder: ownId }));
        return {
          kind: 'view',
          json: own,
          page: () => sessionsPage(own, { path: OWN_PATH, cursor: query.cursor, ownId }),
        };
      },
    }),
    endpoint({
      method: 'post',
      path: `${OWN_PATH}/:id/revoke`,
      access: 'viewer',
      summary: "Ends one of the caller's own sessions.",
      params: sessionParams,
      form: noFields,
      answers: {
        200: { description: 'The session has ended, in every process.', schema: answers.revoked },
        303: { description: 'For a form: back to the list.' },
        404: { description: 'The caller has no such session.' },
      },
      async handle(ctx, { params }) {
        const ofHolder = ctx.state.session?.id;
        const revoked =
          ofHolder !== undefined &&
          (await withPageDeadline(services.revokeSession(params.id, auditActor(ctx), { ofHolder })));
        if (!revoked) throw new Problem('not_found', 'You have no such session. It may have ended already.');
        return {
          kind: 'done',
          json: { id: params.id, revoked: true },
          back: OWN_PATH,
          flash: { tone: 'good', text: 'Session ended.' },
        };
      },
    }),
  ];
}
