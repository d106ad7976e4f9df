import type { ConsoleApi } from '../consoleApi.ts';
import { withPageDeadline } from '../deadlines.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import type { PageReads } from '../pageReads.ts';
import * as answers from '../schemas/answers.ts';
import { flagChange, flagForm, flagParams } from '../schemas/inputs.ts';
import { flagsPage } from '../views/flags.tsx';
import { auditActor } from './auditActor.ts';

export function flagRoutes(services: ConsoleApi, reads: PageReads): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/console/flags',
      access: 'viewer',
      summary: 'Lists the feature flags, and the alerts whose tickets are suppressed.',
      answers: { 200: { description: 'Flags and suppressed alerts.', schema: answers.flags, page: true } },
      async handle(ctx) {
        const [flags, suppressed] = await Promise.all([
          withPageDeadline(services.flags()),
          reads.read(ctx, (signal) => services.suppressedAlerts(signal)),
        ]);
        return { kind: 'view', json: { flags, held: suppressed }, page: () => flagsPage(flags, suppressed) };
      },
    }),
    endpoint({
      method: 'post',
      path: '/console/flags/:name',
      access: 'admin',
      summary: 'Turns a feature flag on or off.',
      params: flagParams,
      body: flagChange,
      form: flagForm,
      answers: {
        200: { description: 'The changed flag.', schema: answers.flag },
        303: { description: 'For a form: back to the flags.' },
        404: { description: 'No such flag (`unknown_flag`).' },
        409: { description: 'An environment variable forces it off (`forced_off`).' },
      },
      async handle(ctx, { params, body }) {
        const change = services.setFlag(params.name, body.enabled, auditActor(ctx));
        const flag = await withPageDeadline(change);
        const flash = { tone: 'good', text: `${flag.name} is now ${flag.enabled ? 'on' : 'off'}.` } as const;
        return { kind: 'done', json: flag, back: '/console/flags', flash };
      },
    }),
  ];
}
