import { Problem } from '../../lib/problem.ts';
import type { BulkReplay } from '../../model/deadLetters.ts';
import { answerWithin, withinPageDeadline } from '../answerWithin.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import type { Flash } from '../flash.ts';
import { wantsPage } from '../negotiate.ts';
import * as answers from '../schemas/answers.ts';
import {
  deadLetterChange,
  deadLetterForm,
  deadLetterParams,
  deadLettersQuery,
  deadLettersReplay,
  deadLettersReplayForm,
  discardReason,
  noFields,
} from '../schemas/inputs.ts';
import { deadLetterPage } from '../views/deadLetter.tsx';
import { deadLettersPage, letterHref } from '../views/deadLetters.tsx';
import { auditActor } from './auditActor.ts';

const LIST = '/console/dead-letters';
/** Each of many is a transaction of its own. */
const BULK_DEADLINE_MS = 15_000;

const NONE = 'There is no such dead letter; perhaps it was replayed or discarded already.';
const none = () => new Problem('not_found', NONE);

interface Change {
  payload: unknown;
  /** The text in the field of the page, and why it cannot be read; only from a form. */
  typed?: string;
  fault?: string | null;
}

export function deadLetterRoutes(services: ConsoleApi): Endpoint[] {
  async function edited(id: string, { payload, fault = null }: Change, by: string) {
    if (fault !== null) throw new Problem('invalid_field', `This is not JSON: ${fault}.`, { field: 'payload' });
    const letter = await withinPageDeadline(services.editDeadLetter(id, payload, by));
    if (letter === null) throw none();
    return letter;
  }

  return [
    endpoint({
      method: 'get',
      path: LIST,
      access: 'viewer',
      summary: 'What could not be delivered, and why.',
      query: deadLettersQuery,
      answers: { 200: { what: 'One page of dead letters.', schema: answers.deadLetters, page: true } },
      async handle(_ctx, { query }) {
        const letters = await withinPageDeadline(services.deadLetters(query));
        return { kind: 'view', json: letters, page: () => deadLettersPage(letters, query) };
      },
    }),
    endpoint({
      method: 'post',
      path: `${LIST}/replay`,
      access: 'admin',
      summary: 'Tries all that fit the filter once more, where they are as many as `count` says.',
      body: deadLettersReplay,
      form: deadLettersReplayForm,
      answers: {
        200: { what: 'How many are on their way again, and which were refused.', schema: answers.bulkReplay },
        303: { what: 'For a form: back to the list.' },
        409: { what: 'There are more or fewer by now (`count_differs`).' },
      },
      async handle(ctx, { body: { count, ...filter } }) {
        const replaying = services.replayDeadLetters(filter, count, auditActor(ctx));
        const result = await answerWithin(BULK_DEADLINE_MS, 'The replay of so many', replaying);
        return { kind: 'done', json: result, back: LIST, flash: saidOf(result) };
      },
    }),
    endpoint({
      method: 'get',
      path: `${LIST}/:id`,
      access: 'viewer',
      summary: 'One dead letter, with everything that was tried.',
      params: deadLetterParams,
      answers: {
        200: { what: 'The dead letter.', schema: answers.deadLetter, page: true },
        404: { what: 'No such dead letter.' },
      },
      async handle(_ctx, { params }) {
        const letter = await withinPageDeadline(services.deadLetter(params.id));
        if (letter === null) throw none();
        return { kind: 'view', json: letter, page: () => deadLetterPage(letter) };
      },
    }),
    endpoint<{ id: string }, unknown, Change>({
      method: 'post',
      path: `${LIST}/:id/edit`,
      access: 'admin',
      summary: 'Changes the words of its payload. Its shape, and what says what it is about, stay as they are.',
      params: deadLetterParams,
      body: deadLetterChange,
      form: deadLetterForm,
      answers: {
        200: { what: 'The dead letter as it stands now.', schema: answers.deadLetter },
        303: { what: 'For a form: back to the dead letter.' },
        400: { what: 'It cannot be stored; the page shows again what was written.', page: true },
        404: { what: 'No such dead letter.' },
      },
      async handle(ctx, { params, body }) {
        try {
          const letter = await edited(params.id, body, auditActor(ctx));
          const flash: Flash = { tone: 'good', text: 'Stored. It is sent like this once it is replayed.' };
          return { kind: 'done', json: letter, back: letterHref(params.id), flash };
        } catch (error) {
          const isFaulty = error instanceof Problem && error.code === 'invalid_field';
          if (!isFaulty || body.typed === undefined || !wantsPage(ctx)) throw error;
          // What a person wrote is shown again beside what is wrong with it, and not lost.
          const letter = await withinPageDeadline(services.deadLetter(params.id));
          if (letter === null) throw none();
          const refused = { typed: body.typed, message: error.message };
          return { kind: 'view', status: 400, json: null, page: () => deadLetterPage(letter, refused) };
        }
      },
    }),
    endpoint({
      method: 'post',
      path: `${LIST}/:id/replay`,
      access: 'admin',
      summary: 'Tries it once more.',
      params: deadLetterParams,
      form: noFields,
      answers: {
        200: { what: 'It is on its way again.', schema: answers.replayed },
        303: { what: 'For a form: back to the list.' },
        404: { what: 'No such dead letter.' },
        409: { what: 'What it was for is over (`reason_gone`).' },
      },
      async handle(ctx, { params }) {
        const replaying = services.replayDeadLetter(params.id, auditActor(ctx));
        if (!(await withinPageDeadline(replaying))) throw none();
        return {
          kind: 'done',
          json: { id: params.id, replayed: true },
          back: LIST,
          flash: { tone: 'good', text: 'On its way again. If it fails once more, it comes back here.' },
        };
      },
    }),
    endpoint({
      method: 'post',
      path: `${LIST}/:id/discard`,
      access: 'admin',
      summary: 'Gives it up for good.',
      params: deadLetterParams,
      body: discardReason,
      form: discardReason,
      answers: {
        200: { what: 'It is no longer listed. The audit log keeps it with the reason.', schema: answers.discarded },
        303: { what: 'For a form: back to the list.' },
        404: { what: 'No such dead letter.' },
      },
      async handle(ctx, { params, body }) {
        const discarding = services.discardDeadLetter(params.id, body.reason, auditActor(ctx));
        if (!(await withinPageDeadline(discarding))) throw none();
        return {
          kind: 'done',
          json: { id: params.id, discarded: true },
          back: LIST,
          flash: { tone: 'good', text: 'Discarded.' },
        };
      },
    }),
  ];
}

function saidOf({ replayed, refused }: BulkReplay): Flash {
  const [first] = refused;
  const text = `${replayed} on their way again.`;
  if (first === undefined) return { tone: 'good', text };
  return { tone: 'note', text: `${text} ${refused.length} refused: ${first.message}` };
}
