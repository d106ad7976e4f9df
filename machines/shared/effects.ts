import { fromPromise } from 'xstate';
import type { DmRequest, DmResult, FilingResult, TicketUpdate, TicketUpdateResult } from './protocol.ts';
import { unprovided } from './unprovided.ts';

/** What machines invoke, by name, with what each is given and answers. The host runs them; no machine does. */
export const filingEffects = {
  fileTicket: fromPromise<FilingResult, { filingId: string; probe: boolean }>(() => unprovided('fileTicket')),
  settleDoubt: fromPromise<FilingResult, { filingId: string }>(() => unprovided('settleDoubt')),
  keepTicket: fromPromise<TicketUpdateResult, TicketUpdate>(() => unprovided('keepTicket')),
};
export const messageEffects = { sendDm: fromPromise<DmResult, DmRequest>(() => unprovided('sendDm')) };
