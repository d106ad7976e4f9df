import { Problem } from '../../lib/problem.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { withPageDeadline } from '../deadlines.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { wantsPage } from '../negotiate.ts';
import * as answers from '../schemas/answers.ts';
import { deadLetterChange, deadLetterForm, deadLetterParams } from '../schemas/inputs.ts';
import { deadLetterPage } from '../views/deadLetter.tsx';
import { deadLetterHref } from '../views/deadLetters.tsx';
import { auditActor } from './auditActor.ts';
import { DEAD_LETTERS, noSuchDeadLetter } from './deadLetterActions.ts';

interface PayloadChange {
  payload: unknown;
  /** Only from a form: the text of its field, and why that is not JSON. */
  typed?: string;
  parseError?: string | null;
}

export function editRoute(services: ConsoleApi): Endpoint {
  async function edit(id: string, { payload, parseError = null }: PayloadChange, by: string) {
    if (parseError !== null) throw new Problem('invalid_field', `Invalid JSON: ${parseError}.`, { field: 'payload' });
    const deadLetter = await withPageDeadline(services.editDeadLetter(id, payload, by));
    if (deadLetter === null) throw noSuchDeadLetter();
    return deadLetter;
  }

  return endpoint<{ id: string }, unknown, PayloadChange>({
    method: 'post',
    path: `${DEAD_LETTERS}/:id/edit`,
    access: 'admin',
    summary:
      'Changes texts of the payload, or the body of a request. Structure and identifiers of a payload cannot change.',
    params: deadLetterParams,
    body: deadLetterChange,
    form: deadLetterForm,
    answers: {
      200: { description: 'The changed dead letter.', schema: answers.deadLetter },
      303: { description: 'For a form: back to the dead letter.' },
      400: { description: 'Invalid payload; the page shows it again with the error.', page: true },
      404: { description: 'No such dead letter.' },
    },
    async handle(ctx, { params, body }) {
      try {
        const deadLetter = await edit(params.id, body, auditActor(ctx));
        const flash = { tone: 'good', text: 'Saved. A replay sends the new payload.' } as const;
        return { kind: 'done', json: deadLetter, back: deadLetterHref(params.id), flash };
      } catch (error) {
        const isInvalid = error instanceof Problem && error.code === 'invalid_field';
        if (!isInvalid || body.typed === undefined || !wantsPage(ctx)) throw error;
        // The page shows the text again beside the error, so that it is not lost.
        const deadLetter = await withPageDeadline(services.deadLetter(params.id));
        if (deadLetter === null) throw noSuchDeadLetter();
        const refused = { typed: body.typed, message: error.message };
        return { kind: 'view', status: 400, json: null, page: () => deadLetterPage(deadLetter, refused) };
      }
    },
  });
}
