import { answerWithin, withinPageDeadline } from '../answerWithin.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { fitting } from '../gridSections.ts';
import * as answers from '../schemas/answers.ts';
import { investigateForm, statusQuery, surfaceParams } from '../schemas/inputs.ts';
import { outcomeOf, outcomePart } from '../views/investigate.tsx';
import { statusPage } from '../views/status.tsx';
import { auditActor } from './auditActor.ts';

/** A click has 15 s to be answered; a little more means that the answer is not coming. */
const CLICK_DEADLINE_MS = 17_000;

export function statusRoutes(services: ConsoleApi): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/console/status',
      access: 'viewer',
      summary: 'The status grid: every surface, its status and its open ticket.',
      query: statusQuery,
      answers: {
        200: {
          what: 'The grid; `surfaces` are those that fit, `counts` are of all.',
          schema: answers.board,
          page: true,
        },
      },
      async handle(_ctx, { query: { tiles, as_of, ...query } }) {
        const looked = Promise.all([services.board(as_of), services.isFlagOn('FLAG_CONSOLE_INVESTIGATE_FROM_STATUS')]);
        const [board, investigateOn] = await withinPageDeadline(looked);
        const json = { ...board, surfaces: fitting(board, query) };
        const only = tiles === undefined ? null : new Set(tiles);
        return { kind: 'view', json, page: () => statusPage({ board, query, investigateOn, only }) };
      },
    }),
    endpoint({
      method: 'post',
      path: '/console/status/investigate/:surface_id',
      access: 'operator',
      summary: 'Files a ticket for a degraded surface, or finds the one that is open for it.',
      params: surfaceParams,
      form: investigateForm,
      answers: {
        200: {
          what: 'The ticket, or `degraded: true` with the reason why there is none.',
          schema: answers.investigation,
        },
        303: { what: 'For a form: back to the page, which says what came of it.' },
        403: { what: 'Wrong role, or the feature is switched off (`feature_disabled`).' },
        404: { what: 'No such surface (`unknown_surface`).' },
        409: { what: 'The surface is not degraded (`not_degraded`).' },
      },
      async handle(ctx, { params, body }) {
        const filing = services.investigate(params.surface_id, auditActor(ctx));
        const answer = await answerWithin(CLICK_DEADLINE_MS, 'The filing of the ticket', filing);
        const flash = outcomeOf(answer);
        const back =
          body.from === 'surface'
            ? `/console/surfaces/${params.surface_id}`
            : `/console/status#tile-${params.surface_id}`;
        return { kind: 'done', json: answer, back, flash, outcome: () => outcomePart(flash) };
      },
    }),
  ];
}
