import { Problem } from '../../lib/problem.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { withDeadline } from '../deadlines.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import * as answers from '../schemas/answers.ts';
import { customerLookup, customerParams } from '../schemas/inputs.ts';
import { customerPage, customersPage } from '../views/customers.tsx';

/** FreeScout may be slow; the page must still answer within five seconds. */
const TICKETS_DEADLINE_MS = 4_500;

export function customerRoutes(services: ConsoleApi): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/console/customers',
      access: 'viewer',
      summary: 'Finds a customer by id.',
      query: customerLookup,
      answers: {
        200: { description: 'Without `id`: the search form.', page: true },
        303: { description: "With `id`: redirects to the customer's tickets." },
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
      summary: "Lists a customer's open and recently closed tickets. Creates nothing.",
      params: customerParams,
      answers: {
        200: {
          description: 'The tickets; `degraded` is true while FreeScout does not answer.',
          schema: answers.customer,
          page: true,
        },
        404: { description: 'No such customer (`unknown_customer`).' },
      },
      async handle(_ctx, { params }) {
        const view = await withDeadline(TICKETS_DEADLINE_MS, 'The list of tickets', services.customer(params.id));
        if (view === null) throw new Problem('unknown_customer', `No customer has the id ${params.id}.`);
        return { kind: 'view', json: view, page: () => customerPage(view) };
      },
    }),
  ];
}
