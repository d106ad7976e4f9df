import { fromPromise } from 'xstate';
import type { Chore, ChoreResult, DmRequest, DmResult, FilingResult } from './asks.ts';
import { unprovided } from './unprovided.ts';

/** What machines invoke, by name, with what each is given and answers. The host runs them; no machine does. */
export const toFile = {
  fileTicket: fromPromise<FilingResult, { filingId: string; probe: boolean }>(() => unprovided('fileTicket')),
  settleDoubt: fromPromise<FilingResult, { filingId: string }>(() => unprovided('settleDoubt')),
  keepTicket: fromPromise<ChoreResult, Chore>(() => unprovided('keepTicket')),
};
export const toTell = { sendDm: fromPromise<DmResult, DmRequest>(() => unprovided('sendDm')) };
