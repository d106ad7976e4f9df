import { withTexts } from '../../deadLetters/texts.ts';
import { Problem } from '../../lib/problem.ts';
import type { DeadLetter } from '../../model/deadLetters.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import type { Ctx } from '../context.ts';
import { withPageDeadline } from '../deadlines.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import { wantsPage } from '../negotiate.ts';
import type { PageReads } from '../pageReads.ts';
import * as answers from '../schemas/answers.ts';
import { deadLetterChange, deadLetterForm, deadLetterParams } from '../schemas/inputs.ts';
import { deadLetterPage } from '../views/deadLetter.tsx';
import { deadLetterHref } from '../views/deadLetterElements.tsx';
import type { RefusedEdit } from '../views/deadLetterForms.tsx';
import { auditActor } from './auditActor.ts';
import { DEAD_LETTERS, noSuchDeadLetter } from './deadLetterActions.ts';

interface PayloadChange {
  payload: unknown;
  /** Only from a form with the payload as JSON: the text of its field, and why that is not JSON. */
  typed?: string;
  parseError?: string | null;
  /** Only from a form with fields for the texts. */
  texts?: { subject: string; body: string };
}

export function editRoute(services: ConsoleApi, reads: PageReads): Endpoint {
  async function edit(ctx: Ctx, id: string, { payload, parseError = null, texts }: PayloadChange) {
    if (parseError !== null) throw new Problem('invalid_field', `Invalid JSON: ${parseError}.`, { field: 'payload' });
    const changed = texts ? withTexts(await read(ctx, id), texts) : payload;
    const deadLetter = await withPageDeadline(services.editDeadLetter(id, changed, auditActor(ctx)));
    if (deadLetter === null) throw noSuchDeadLetter();
    return deadLetter;
  }

  async function read(ctx: Ctx, id: string): Promise<DeadLetter> {
    const deadLetter = await reads.read(ctx, (signal) => services.deadLetter(id, signal));
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
        const deadLetter = await edit(ctx, params.id, body);
        const flash = { tone: 'good', text: 'Saved. A replay sends the new text.' } as const;
        return { kind: 'done', json: deadLetter, back: deadLetterHref(params.id), flash };
      } catch (error) {
        const isInvalid = error instanceof Problem && error.code === 'invalid_field';
        const refused = isInvalid ? refusedEdit(body, error) : null;
        if (refused === null || !wantsPage(ctx)) throw error;
        // The page shows the text again beside the error, so that it is not lost.
        const deadLetter = await read(ctx, params.id);
        return { kind: 'view', status: 400, json: null, page: () => deadLetterPage(deadLetter, refused) };
      }
    },
  });
}

/** Null for a change that came from no form. */
function refusedEdit({ typed, texts }: PayloadChange, { message, field = '' }: Problem): RefusedEdit | null {
  if (texts) {
    const path = field.replace(/^payload\./, '');
    return { texts, message: message.replace(`${field}: `, ''), path };
  }
  return typed === undefined ? null : { typed, message };
}
