import { literal } from '../../alerts/silences/pattern.ts';
import type { AlertStory } from '../../model/alerts.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { withPageDeadline } from '../deadlines.ts';
import { type Endpoint, endpoint, type Reply } from '../endpoint.ts';
import { invalidInput } from '../input.ts';
import { wantsPage } from '../negotiate.ts';
import type { PageReads } from '../pageReads.ts';
import * as answers from '../schemas/answers.ts';
import { noFields } from '../schemas/inputs.ts';
import { labelLine } from '../schemas/labelLines.ts';
import {
  newSilence,
  newSilenceQuery,
  type SilenceFields,
  type SilenceInput,
  silenceForm,
  silenceParams,
  silencesQuery,
} from '../schemas/silences.ts';
import { EMPTY_FIELDS, silenceFormPage } from '../views/silenceForm.tsx';
import { silencesPage } from '../views/silences.tsx';
import { formatUtc } from '../views/time.tsx';
import { auditActor } from './auditActor.ts';

const PATH = '/console/silences';

export function silenceRoutes(services: ConsoleApi, reads: PageReads): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: PATH,
      access: 'viewer',
      summary: 'Lists silences: active ones first, then those that have ended.',
      query: silencesQuery,
      answers: { 200: { description: 'One page of silences.', schema: answers.silences, page: true } },
      async handle(ctx, { query }) {
        const silences = await reads.read(ctx, (signal) => services.silences(query, signal));
        return { kind: 'view', json: silences, page: () => silencesPage(silences, query.cursor) };
      },
    }),
    formRoute(services, reads),
    createRoute(services),
    endRoute(services),
    endFormRoute(services),
  ];
}

const formRoute = (services: ConsoleApi, reads: PageReads): Endpoint =>
  endpoint({
    method: 'get',
    path: `${PATH}/new`,
    access: 'operator',
    summary: 'The form for a new silence, filled in for an alert if one is named.',
    query: newSilenceQuery,
    answers: { 200: { description: 'The fields of the form.', page: true } },
    async handle(ctx, { query: { alert: key } }) {
      const alert = key === undefined ? null : await reads.read(ctx, (signal) => services.alert(key, signal));
      const fields = alert === null ? EMPTY_FIELDS : fieldsFor(alert);
      return { kind: 'view', json: fields, page: () => silenceFormPage(fields) };
    },
  });

const createRoute = (services: ConsoleApi): Endpoint =>
  endpoint<unknown, unknown, SilenceInput>({
    method: 'post',
    path: PATH,
    access: 'operator',
    summary:
      'Silences alerts: until then their tickets and messages are suppressed. `*` in a pattern stands for any text.',
    body: newSilence,
    form: silenceForm,
    answers: {
      200: { description: 'The silence.', schema: answers.silence },
      303: { description: 'For a form: to the silences.' },
      400: { description: 'Invalid input; all faults are named. A form is shown again with them.', page: true },
      409: { description: 'There are too many active silences (`too_many_silences`).' },
    },
    async handle(ctx, { body }) {
      if (body.silence === null) {
        const { fields, faults } = body;
        if (!wantsPage(ctx)) throw invalidInput(faults);
        return { kind: 'view', status: 400, json: null, page: () => silenceFormPage(fields, faults) };
      }
      const silence = await withPageDeadline(services.createSilence(body.silence, auditActor(ctx)));
      const text = `Silenced until ${formatUtc(silence.until)}.`;
      return { kind: 'done', json: silence, back: PATH, flash: { tone: 'good', text } };
    },
  });

const ENDED = {
  200: { description: 'The silence has ended.', schema: answers.silence },
  404: { description: 'No such silence (`unknown_silence`).' },
  409: { description: 'It has ended already (`not_active`).' },
};

const endRoute = (services: ConsoleApi): Endpoint =>
  endpoint({
    method: 'delete',
    path: `${PATH}/:id`,
    access: 'operator',
    summary: 'Ends a silence. Alerts that are still active are decided again within seconds.',
    params: silenceParams,
    answers: ENDED,
    handle: (ctx, { params }) => end(services, params.id, auditActor(ctx)),
  });

const endFormRoute = (services: ConsoleApi): Endpoint =>
  endpoint({
    method: 'post',
    path: `${PATH}/:id/end`,
    access: 'operator',
    summary: 'Ends a silence. For forms, which cannot send DELETE.',
    params: silenceParams,
    form: noFields,
    answers: { ...ENDED, 303: { description: 'For a form: back to the silences.' } },
    handle: (ctx, { params }) => end(services, params.id, auditActor(ctx)),
  });

async function end(services: ConsoleApi, id: string, by: string): Promise<Reply> {
  const silence = await withPageDeadline(services.endSilence(id, by));
  const text = 'The silence has ended. Alerts that are still active are decided again.';
  return { kind: 'done', json: silence, back: PATH, flash: { tone: 'good', text } };
}

/** Labels that can be a line of the form. An address is about the alert, and does not tell which alerts belong together. */
const isMatchable = ([name, value]: [string, string]): boolean =>
  !/[\n=]/.test(name) && /^[^\p{Cc}]{1,200}$/u.test(value) && !/^https?:/i.test(value);
const MAX_LABELS = 20;

/** This alert's source, surface and labels; its key only if it has neither surface nor labels. */
function fieldsFor({ source, surface_id, labels, alert_key }: AlertStory): SilenceFields {
  const lines = Object.entries(labels)
    .filter(isMatchable)
    .slice(0, MAX_LABELS)
    .map(([name, value]) => labelLine(name, literal(value)));
  const isPlain = surface_id === null && lines.length === 0;
  return {
    ...EMPTY_FIELDS,
    source: literal(source),
    surface_id: literal(surface_id ?? ''),
    labels: lines.join('\n'),
    alert_key: isPlain ? literal(alert_key) : '',
  };
}
