import type { Logger } from 'pino';
import { type CallOptions, TicketError } from '../port.ts';
import type { CallTerms } from './transport.ts';

export interface InstrumentDeps {
  log: Pick<Logger, 'warn'>;
  metrics?: {
    /** After each verb: `ok` or the problem, and how long it took, the wait in our own queue included. */
    onCall(verb: string, outcome: string, ms: number): void;
  };
}

/** The words for each verb; runbooks look for "freescout degraded" and for "ticket … failed". */
const WORDS = {
  create: 'ticket create',
  findByMarker: 'ticket look-up',
  findOpenByTags: 'ticket search',
  get: 'ticket read',
  lastReply: 'ticket replies',
  listOpen: 'ticket list',
  changedSince: 'ticket list',
  ensureTags: 'ticket tagging',
  addNote: 'ticket note',
  preflight: 'preflight',
  ticketsOf: 'customer ticket list',
} as const;
export type Operation = keyof typeof WORDS;

export type RunOperation = <T>(
  verb: Operation,
  options: CallOptions | undefined,
  work: (call: CallTerms) => Promise<T>,
  ticketId?: number,
) => Promise<T>;

/** Runs a verb within its time, lets nothing but TicketError out, and says each failure once. */
export function createInstrument({ log, metrics }: InstrumentDeps): RunOperation {
  return async (verb, options, work, ticketId) => {
    const started = performance.now();
    const call: CallTerms = {
      deadline: started + (options?.timeoutMs ?? Number.POSITIVE_INFINITY),
      urgent: options?.urgent ?? false,
      patient: options?.patient,
      signal: options?.signal,
    };
    let outcome = 'ok';
    try {
      return await work(call);
    } catch (cause) {
      const error = cause instanceof TicketError ? cause : unexpected(cause, verb);
      outcome = error.problem;
      if (isWorthALine(error)) log.warn(facts(verb, error, ticketId), line(verb, error));
      throw error;
    } finally {
      metrics?.onCall(verb, outcome, performance.now() - started);
    }
  };
}

/** A fault of our own; whether the request went out before it is not known. */
function unexpected(cause: unknown, verb: Operation): TicketError {
  return new TicketError('unavailable', 'The call to FreeScout could not be made.', {
    inDoubt: verb === 'create' || verb === 'addNote',
    code: 'ERR_UNEXPECTED',
    cause,
  });
}

/** Not trouble: settings that are missing (said at the start), a ticket that a person deleted, a call nobody wants any more. */
function isWorthALine(error: TicketError): boolean {
  return error.problem !== 'not_configured' && error.problem !== 'not_found' && error.code !== 'ERR_ABORTED';
}

function line(verb: Operation, error: TicketError): string {
  const detail = `${kind(error)} ${error.httpStatus ?? error.code ?? error.problem}`;
  return `freescout degraded: ${WORDS[verb]} failed, ${detail}`;
}

function facts(verb: Operation, error: TicketError, ticketId: number | undefined) {
  return {
    verb,
    problem: error.problem,
    error: kind(error),
    ...(error.httpStatus === undefined ? {} : { http_status: error.httpStatus }),
    // Runbooks look for one of the two; an answer that came and lacks what it should have has neither.
    ...(error.code === undefined && error.httpStatus !== undefined ? {} : { code: error.code ?? error.problem }),
    ...(error.inDoubt ? { in_doubt: true } : {}),
    ...(ticketId === undefined ? {} : { ticket_id: ticketId }),
    detail: error.message,
  };
}

/** HTTPError: it answered, but not as it should; ConnectionError: it did not answer. */
function kind(error: TicketError): 'HTTPError' | 'ConnectionError' {
  return error.httpStatus === undefined && error.code !== undefined ? 'ConnectionError' : 'HTTPError';
}
