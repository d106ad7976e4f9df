import { afterAll, beforeAll, expect, test } from 'vitest';
import { TicketError, type TicketProblem } from '../../src/tickets/port.ts';
import { FIRST_RUN, type FilingFixture, lostAnswer, startFilingFixture } from '../support/filingFixture.ts';

/** The last try of a ticket that was refused again and again while others were filed. */
const LAST_TRY = { ...FIRST_RUN, last: true };

let filings: FilingFixture;
beforeAll(async () => {
  filings = await startFilingFixture();
});
afterAll(() => filings.drop());

const answeredWith = (error: TicketError) => filings.protocol({ create: async () => Promise.reject(error) });
const answers = (problem: TicketProblem, httpStatus: number, inDoubt = false) =>
  answeredWith(new TicketError(problem, `FreeScout answers ${httpStatus}.`, { httpStatus, inDoubt }));

test.each([
  ['unauthorized', 401],
  ['unavailable', 429],
  ['unavailable', 302],
] satisfies [TicketProblem, number][])(
  'a last try that is answered with %s (%i) leaves the ticket waiting',
  async (problem, status) => {
    const id = await filings.intends('alert', null);
    expect(await answers(problem, status).file(id, LAST_TRY)).toStrictEqual({ outcome: 'failed', problem, own: true });
    expect(await filings.rowOf(id)).toMatchObject({ phase: 'planned' });
  },
);

test.each([
  ['rejected', 400],
  ['forbidden', 403],
] satisfies [TicketProblem, number][])(
  'a last try that is answered with %s (%i) gives the ticket up',
  async (problem, status) => {
    const id = await filings.intends('alert', null);
    await expect(answers(problem, status).file(id, LAST_TRY)).rejects.toMatchObject({
      problem: 'rejected',
      inDoubt: false,
    });
  },
);

test.each([500, 422])(
  'a last try that is answered with %i gives the ticket up once it is certain that it was not stored',
  async (status) => {
    const id = await filings.intends('alert', null);
    expect(await answers('unavailable', status, true).file(id, LAST_TRY)).toStrictEqual({
      outcome: 'doubt',
      problem: 'rejected',
    });
    await filings.attemptedAgo(id, 61);
    await expect(filings.protocol().settle(id, LAST_TRY)).rejects.toMatchObject({
      problem: 'rejected',
      inDoubt: false,
    });
  },
);

test.each([502, 504])(
  'a last try that a gateway answers with %i gives the ticket up once it is certain that it was not stored',
  async (status) => {
    const id = await filings.intends('alert', null);
    expect(await answers('unavailable', status, true).file(id, LAST_TRY)).toStrictEqual({
      outcome: 'doubt',
      problem: 'unavailable',
      own: true,
    });
    await filings.attemptedAgo(id, 61);
    await expect(filings.protocol().settle(id, LAST_TRY)).rejects.toMatchObject({
      problem: 'rejected',
      inDoubt: false,
    });
  },
);

test.each([
  ['is lost', lostAnswer],
  ['is 503', () => new TicketError('unavailable', 'FreeScout answers 503.', { httpStatus: 503, inDoubt: true })],
])(
  'a last try whose answer %s leaves the ticket waiting once it is certain that it was not stored',
  async (_, answer) => {
    const id = await filings.intends('alert', null);
    expect(await answeredWith(answer()).file(id, LAST_TRY)).toStrictEqual({
      outcome: 'doubt',
      problem: 'unavailable',
    });
    await filings.attemptedAgo(id, 61);
    expect(await filings.protocol().settle(id, LAST_TRY)).toStrictEqual({
      outcome: 'failed',
      problem: 'unavailable',
      own: false,
    });
    expect(await filings.rowOf(id)).toMatchObject({ phase: 'planned' });
  },
);
