import { withinPageDeadline } from '../answerWithin.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import * as answers from '../schemas/answers.ts';
import { flagChange, flagForm, flagParams } from '../schemas/inputs.ts';
import { flagsPage } from '../views/flags.tsx';
import { auditActor } from './auditActor.ts';

export function flagRoutes(services: ConsoleApi): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/console/flags',
      access: 'viewer',
      summary: 'The switches, and the alerts whose tickets are held back.',
      answers: { 200: { what: 'All of them.', schema: answers.flags, page: true } },
      async handle() {
        const [flags, held] = await withinPageDeadline(Promise.all([services.flags(), services.held()]));
        return { kind: 'view', json: { flags, held }, page: () => flagsPage(flags, held) };
      },
    }),
    endpoint({
      method: 'post',
      path: '/console/flags/:name',
      access: 'admin',
      summary: 'Flips a switch.',
      params: flagParams,
      body: flagChange,
      form: flagForm,
      answers: {
        200: { what: 'The switch as it stands now.', schema: answers.flag },
        303: { what: 'For a form: back to the switches.' },
        404: { what: 'No such switch (`unknown_flag`).' },
        409: { what: 'The environment forces it off (`forced_off`).' },
      },
      async handle(ctx, { params, body }) {
        const flipping = services.setFlag(params.name, body.enabled, auditActor(ctx));
        const flag = await withinPageDeadline(flipping);
        const flash = { tone: 'good', text: `${flag.name} is ${flag.enabled ? 'on' : 'off'}.` } as const;
        return { kind: 'done', json: flag, back: '/console/flags', flash };
      },
    }),
  ];
}
