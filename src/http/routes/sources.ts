import { z } from 'zod';
import { Problem } from '../../lib/problem.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { withPageDeadline } from '../deadlines.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import type { PageReads } from '../pageReads.ts';
import * as answers from '../schemas/answers.ts';
import { sourceName } from '../schemas/fields.ts';
import { noFields } from '../schemas/inputs.ts';
import { sourcesPage } from '../views/sources.tsx';
import { auditActor } from './auditActor.ts';

const PATH = '/console/sources';

export function sourceRoutes(services: ConsoleApi, reads: PageReads): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: PATH,
      access: 'viewer',
      summary:
        'Lists the sources of alerts, each with its last request, what was refused, how to set its sender up, and what shadow mode did not post.',
      answers: { 200: { description: 'All sources.', schema: answers.sources, page: true } },
      async handle(ctx) {
        const json = await reads.read(ctx, async (signal) => ({
          sources: await services.sources(signal),
          shadow: await services.shadow(signal),
        }));
        return { kind: 'view', json, page: () => sourcesPage(json.sources, json.shadow) };
      },
    }),
    endpoint({
      method: 'post',
      path: `${PATH}/:source/test`,
      access: 'operator',
      summary: 'Stores the requests of a test alert and of its end. The alert is recorded, and nobody is told.',
      params: z.object({ source: sourceName }),
      form: noFields,
      answers: {
        200: { description: 'The test requests are stored.', schema: answers.tested },
        303: { description: 'For a form: back to the list.' },
        404: { description: 'No such source, or its requests depend on a mapping.' },
        503: { description: 'Nothing was stored: too many requests of the source are waiting.' },
      },
      async handle(ctx, { params: { source } }) {
        if (!(await withPageDeadline(services.testSource(source, auditActor(ctx))))) {
          throw new Problem('not_found', 'There is no such source, or no test for it.');
        }
        return {
          kind: 'done',
          json: { source, tested: true },
          back: PATH,
          flash: { tone: 'good', text: `A test alert of ${source} is on its way; see Alerts. It is recorded only.` },
        };
      },
    }),
  ];
}
