import { Problem } from '../../lib/problem.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import type { PageReads } from '../pageReads.ts';
import * as answers from '../schemas/answers.ts';
import { actorParams, actorsQuery } from '../schemas/inputs.ts';
import { actorPage } from '../views/actor.tsx';
import { actorsPage } from '../views/actors.tsx';

export function inspectRoutes(services: ConsoleApi, reads: PageReads): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/console/inspect',
      access: 'viewer',
      summary: 'Redirects to the list of actors.',
      answers: { 303: { description: 'The list of actors.' } },
      handle: () => ({ kind: 'redirect', to: '/console/inspect/actors' }),
    }),
    endpoint({
      method: 'get',
      path: '/console/inspect/actors',
      access: 'viewer',
      summary: 'Lists the actors: one state machine for each surface, alert and shared component.',
      query: actorsQuery,
      answers: { 200: { description: 'One page of actors.', schema: answers.actors, page: true } },
      async handle(ctx, { query }) {
        const actors = await reads.search(ctx, (signal) => services.actors(query, signal));
        return { kind: 'view', json: actors, page: () => actorsPage(actors, query) };
      },
    }),
    endpoint({
      method: 'get',
      path: '/console/inspect/actors/:actor_id',
      access: 'viewer',
      summary: 'Returns one actor: its state, timers, effects and history.',
      params: actorParams,
      answers: {
        200: { description: 'The actor.', schema: answers.actor, page: true },
        404: { description: 'No such actor.' },
      },
      async handle(ctx, { params }) {
        const actor = await reads.read(ctx, (signal) => services.actor(params.actor_id, signal));
        if (actor === null) throw new Problem('not_found', `There is no actor ${params.actor_id}.`);
        const { chart_svg: _chart, ...json } = actor;
        return { kind: 'view', json, page: () => actorPage(actor) };
      },
    }),
  ];
}
