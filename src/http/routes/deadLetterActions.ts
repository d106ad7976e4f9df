import { Problem } from '../../lib/problem.ts';
import type { BulkReplay } from '../../model/deadLetters.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { withDeadline, withPageDeadline } from '../deadlines.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import type { Flash } from '../flash.ts';
import * as answers from '../schemas/answers.ts';
import {
  deadLetterParams,
  deadLettersReplay,
  deadLettersReplayForm,
  discardReason,
  noFields,
} from '../schemas/inputs.ts';
import { auditActor } from './auditActor.ts';

export const DEAD_LETTERS = '/console/dead-letters';
/** Each dead letter is replayed in a transaction of its own. */
const REPLAY_ALL_DEADLINE_MS = 15_000;

export const noSuchDeadLetter = () =>
  new Problem('not_found', 'No such dead letter. It may have been replayed or discarded already.');

export const replayAllRoute = (services: ConsoleApi): Endpoint =>
  endpoint({
    method: 'post',
    path: `${DEAD_LETTERS}/replay`,
    access: 'admin',
    summary: 'Replays all dead letters that match the filter, if their number is `count`.',
    body: deadLettersReplay,
    form: deadLettersReplayForm,
    answers: {
      200: { description: 'How many were queued again, and which were refused.', schema: answers.bulkReplay },
      303: { description: 'For a form: back to the list.' },
      409: { description: 'The number of matches is no longer `count` (`count_differs`).' },
    },
    async handle(ctx, { body: { count, ...filter } }) {
      const replay = services.replayDeadLetters(filter, count, auditActor(ctx));
      const result = await withDeadline(REPLAY_ALL_DEADLINE_MS, 'The replay', replay);
      return { kind: 'done', json: result, back: DEAD_LETTERS, flash: replayAllFlash(result) };
    },
  });

function replayAllFlash({ replayed, refused }: BulkReplay): Flash {
  const [first] = refused;
  const text = `${replayed} queued again.`;
  if (first === undefined) return { tone: 'good', text };
  return { tone: 'note', text: `${text} ${refused.length} refused: ${first.message}` };
}

export const replayRoute = (services: ConsoleApi): Endpoint =>
  endpoint({
    method: 'post',
    path: `${DEAD_LETTERS}/:id/replay`,
    access: 'admin',
    summary: 'Tries to deliver a dead letter again.',
    params: deadLetterParams,
    form: noFields,
    answers: {
      200: { description: 'It was queued again.', schema: answers.replayed },
      303: { description: 'For a form: back to the list.' },
      404: { description: 'No such dead letter.' },
      409: { description: 'It is no longer needed (`reason_gone`).' },
    },
    async handle(ctx, { params }) {
      const replay = services.replayDeadLetter(params.id, auditActor(ctx));
      if (!(await withPageDeadline(replay))) throw noSuchDeadLetter();
      return {
        kind: 'done',
        json: { id: params.id, replayed: true },
        back: DEAD_LETTERS,
        flash: { tone: 'good', text: 'Queued again. If it fails, it returns to this list.' },
      };
    },
  });

export const discardRoute = (services: ConsoleApi): Endpoint =>
  endpoint({
    method: 'post',
    path: `${DEAD_LETTERS}/:id/discard`,
    access: 'admin',
    summary: 'Discards a dead letter for good.',
    params: deadLetterParams,
    body: discardReason,
    form: discardReason,
    answers: {
      200: { description: 'It is no longer listed. The audit log keeps the reason.', schema: answers.discarded },
      303: { description: 'For a form: back to the list.' },
      404: { description: 'No such dead letter.' },
    },
    async handle(ctx, { params, body }) {
      const discard = services.discardDeadLetter(params.id, body.reason, auditActor(ctx));
      if (!(await withPageDeadline(discard))) throw noSuchDeadLetter();
      return {
        kind: 'done',
        json: { id: params.id, discarded: true },
        back: DEAD_LETTERS,
        flash: { tone: 'good', text: 'Discarded.' },
      };
    },
  });
