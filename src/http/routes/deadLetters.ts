import type { ConsoleApi } from '../consoleApi.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import type { PageReads } from '../pageReads.ts';
import * as answers from '../schemas/answers.ts';
import { deadLetterParams, deadLettersQuery } from '../schemas/inputs.ts';
import { deadLetterPage } from '../views/deadLetter.tsx';
import { deadLettersPage } from '../views/deadLetters.tsx';
import { DEAD_LETTERS, discardRoute, noSuchDeadLetter, replayAllRoute, replayRoute } from './deadLetterActions.ts';
import { editRoute } from './deadLetterEdit.ts';

export function deadLetterRoutes(services: ConsoleApi, reads: PageReads): Endpoint[] {
  return [
    listRoute(services, reads),
    replayAllRoute(services),
    readRoute(services, reads),
    editRoute(services, reads),
    replayRoute(services),
    discardRoute(services),
  ];
}

const listRoute = (services: ConsoleApi, reads: PageReads): Endpoint =>
  endpoint({
    method: 'get',
    path: DEAD_LETTERS,
    access: 'viewer',
    summary:
      'Lists tickets, tags, notes and messages that could not be delivered, and requests of senders that could not be read.',
    query: deadLettersQuery,
    answers: { 200: { description: 'One page of dead letters.', schema: answers.deadLetters, page: true } },
    async handle(ctx, { query }) {
      const deadLetters = await reads.read(ctx, (signal) => services.deadLetters(query, signal));
      return { kind: 'view', json: deadLetters, page: () => deadLettersPage(deadLetters, query) };
    },
  });

const readRoute = (services: ConsoleApi, reads: PageReads): Endpoint =>
  endpoint({
    method: 'get',
    path: `${DEAD_LETTERS}/:id`,
    access: 'viewer',
    summary: 'Returns one dead letter with its payload and all attempts.',
    params: deadLetterParams,
    answers: {
      200: { description: 'The dead letter.', schema: answers.deadLetter, page: true },
      404: { description: 'No such dead letter.' },
    },
    async handle(ctx, { params }) {
      const deadLetter = await reads.read(ctx, (signal) => services.deadLetter(params.id, signal));
      if (deadLetter === null) throw noSuchDeadLetter();
      return { kind: 'view', json: deadLetter, page: () => deadLetterPage(deadLetter) };
    },
  });
