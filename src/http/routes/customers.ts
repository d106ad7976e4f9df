import { Problem } from '../../lib/problem.ts';
import { answerWithin } from '../answerWithin.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import * as answers from '../schemas/answers.ts';
import { customerLookup, customerParams } from '../schemas/inputs.ts';
import { customerPage, customersPage } from '../views/customers.tsx';

/** FreeScout may be asked here, too; the page must stand within five seconds. */
const TICKETS_DEADLINE_MS = 4_500;

export function customerRoutes(services: ConsoleApi): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/console/customers',
      access: 'viewer',
      summary: 'Asks for a customer by id.',
      query: customerLookup,
      answers: {
        200: { what: 'The question.', page: true },
        303: { what: 'On to the tickets of the customer.' },
      },
      handle(_ctx, { query }) {
        if (query.id === undefined) return { kind: 'view', json: {}, page: customersPage };
        return { kind: 'redirect', to: `/console/customers/${encodeURIComponent(query.id)}/tickets` };
      },
    }),
    endpoint({
      method: 'get',
      path: '/console/customers/:id/tickets',
      access: 'viewer',
      summary: "A customer's open and recent tickets; creates nothing.",
      params: customerParams,
      answers: {
        200: { what: 'The tickets; `degraded` when FreeScout does not answer.', schema: answers.customer, page: true },
        404: { what: 'No such customer (`unknown_customer`).' },
      },
      async handle(_ctx, { params }) {
        const view = await answerWithin(TICKETS_DEADLINE_MS, 'The list of tickets', services.customer(params.id));
        if (view === null) throw new Problem('unknown_customer', `There is no customer ${params.id}.`);
        return { kind: 'view', json: view, page: () => customerPage(view) };
      },
    }),
  ];
}
