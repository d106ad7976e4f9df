import { Problem } from '../../lib/problem.ts';
import { withinPageDeadline } from '../answerWithin.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import * as answers from '../schemas/answers.ts';
import { actorParams, actorsQuery } from '../schemas/inputs.ts';
import { actorPage } from '../views/inspectActor.tsx';
import { actorsPage } from '../views/inspectList.tsx';

export function inspectRoutes(services: ConsoleApi): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/console/inspect',
      access: 'viewer',
      summary: 'On to the list of actors.',
      answers: { 303: { what: 'The list of actors.' } },
      handle: () => ({ kind: 'redirect', to: '/console/inspect/actors' }),
    }),
    endpoint({
      method: 'get',
      path: '/console/inspect/actors',
      access: 'viewer',
      summary: 'The state machines that live here.',
      query: actorsQuery,
      answers: { 200: { what: 'One page of actors.', schema: answers.actors, page: true } },
      async handle(_ctx, { query }) {
        const actors = await withinPageDeadline(services.actors(query));
        return { kind: 'view', json: actors, page: () => actorsPage(actors, query) };
      },
    }),
    endpoint({
      method: 'get',
      path: '/console/inspect/actors/:actor_id',
      access: 'viewer',
      summary: 'One state machine: where it stands, what it waits for, what it did.',
      params: actorParams,
      answers: {
        200: { what: 'The actor.', schema: answers.actor, page: true },
        404: { what: 'No such actor.' },
      },
      async handle(_ctx, { params }) {
        const actor = await withinPageDeadline(services.actor(params.actor_id));
        if (actor === null) throw new Problem('not_found', `There is no actor ${params.actor_id}.`);
        const { chart_svg: _picture, ...json } = actor;
        return { kind: 'view', json, page: () => actorPage(actor) };
      },
    }),
  ];
}
