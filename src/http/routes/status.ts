import type { ConsoleApi } from '../consoleApi.ts';
import type { CookieJar } from '../cookies.ts';
import { withDeadline, withPageDeadline } from '../deadlines.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { DENSITIES, matchingTiles } from '../gridSections.ts';
import { wantsFragment } from '../negotiate.ts';
import * as answers from '../schemas/answers.ts';
import { investigateForm, statusQuery, surfaceParams } from '../schemas/inputs.ts';
import { createStatusContent } from '../statusContent.tsx';
import { outcomeFlash, outcomeFragment } from '../views/investigate.tsx';
import { statusPage } from '../views/status.tsx';
import { auditActor } from './auditActor.ts';

/** A little longer than the 15 s within which the surface answers a click. */
const CLICK_DEADLINE_MS = 17_000;

/** The browser keeps the density that was chosen last for a year. */
const DENSITY_COOKIE = 'density';
const YEAR_MS = 31_536_000_000;

export function statusRoutes(services: ConsoleApi, jar: CookieJar): Endpoint[] {
  const content = createStatusContent();
  return [
    endpoint({
      method: 'get',
      path: '/console/status',
      access: 'viewer',
      summary: 'Returns the status grid: every surface with its status and open ticket.',
      query: statusQuery,
      answers: {
        200: {
          description: 'The grid. `surfaces` lists those that match the filter; `counts` covers all.',
          schema: answers.board,
          page: true,
        },
      },
      async handle(ctx, { query: { tiles, as_of, density: chosen, ...filter } }) {
        const reads = Promise.all([
          services.statusGrid(as_of),
          services.isFlagOn('FLAG_CONSOLE_INVESTIGATE_FROM_STATUS'),
        ]);
        const [grid, investigateOn] = await withPageDeadline(reads);
        if (chosen !== undefined && !wantsFragment(ctx)) jar.set(ctx, DENSITY_COOKIE, chosen, YEAR_MS);
        const density = chosen ?? DENSITIES.find((each) => each === jar.get(ctx, DENSITY_COOKIE)) ?? 'tiles';
        const query = { ...filter, density };
        const json = { ...grid, surfaces: matchingTiles(grid, query) };
        const changedIds = tiles === undefined ? null : new Set(tiles);
        return { kind: 'view', json, page: () => statusPage({ grid, query, investigateOn, changedIds }, content) };
      },
    }),
    endpoint({
      method: 'get',
      path: '/console/status/counts',
      access: 'viewer',
      summary: 'Returns only the number of surfaces with each status, at most two seconds old.',
      answers: { 200: { description: 'The counts.', schema: answers.statusCounts } },
      async handle() {
        return { kind: 'json', json: { counts: await withPageDeadline(services.statusCounts()) } };
      },
    }),
    endpoint({
      method: 'post',
      path: '/console/status/investigate/:surface_id',
      access: 'operator',
      summary: 'Files a ticket for a degraded surface, or returns the open one.',
      params: surfaceParams,
      form: investigateForm,
      answers: {
        200: {
          description: 'The ticket, or `degraded: true` with the reason why none was filed.',
          schema: answers.investigation,
        },
        303: { description: 'For a form: back to the page, which shows the result.' },
        403: { description: 'Wrong role, or the feature is off (`feature_disabled`).' },
        404: { description: 'No such surface (`unknown_surface`).' },
        409: { description: 'The surface is not degraded (`not_degraded`).' },
      },
      async handle(ctx, { params, body }) {
        const filing = services.investigate(params.surface_id, auditActor(ctx));
        const answer = await withDeadline(CLICK_DEADLINE_MS, 'The ticket filing', filing);
        const flash = outcomeFlash(answer);
        const back =
          body.from === 'surface'
            ? `/console/surfaces/${params.surface_id}`
            : `/console/status#tile-${params.surface_id}`;
        return { kind: 'done', json: answer, back, flash, outcome: () => outcomeFragment(flash) };
      },
    }),
  ];
}
