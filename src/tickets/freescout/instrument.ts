import type { Logger } from 'pino';
import { type CallOptions, TicketError } from '../port.ts';
import type { CallTerms } from './transport.ts';

export interface InstrumentDeps {
  log: Pick<Logger, 'warn'>;
  metrics?: {
    /** After each operation: `ok` or the problem, and its duration, including the wait in our own queue. */
    onCall(verb: string, outcome: string, ms: number): void;
  };
}

/** Names in log lines; runbooks search for "freescout degraded" and "ticket … failed". */
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
  hasNote: 'ticket note look-up',
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

/** Runs an operation within its time, turns every error into a TicketError, and logs and counts each failure once. */
export function createInstrument({ log, metrics }: InstrumentDeps): RunOperation {
  return async (verb, options, work, ticketId) => {
    const started = performance.now();
    const call: CallTerms = {
      deadline: started + (options?.timeoutMs ?? Number.POSITIVE_INFINITY),
      urgent: options?.urgent ?? false,
      page: options?.page,
      patient: options?.patient,
      signal: options?.signal,
      hasTurn: options?.hasTurn,
      mayLeave: options?.mayLeave,
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

/** A bug of ours; the request may have been sent before it. */
function unexpected(cause: unknown, verb: Operation): TicketError {
  return new TicketError('unavailable', 'The call to FreeScout could not be made.', {
    inDoubt: verb === 'create' || verb === 'addNote',
    code: 'ERR_UNEXPECTED',
    cause,
  });
}

/**
 * Not logged: missing settings (logged at the start), a ticket that a person deleted, a call that was cancelled, and one
 * that this process was too late for.
 */
function isWorthALine({ problem, code }: TicketError): boolean {
  return problem !== 'not_configured' && problem !== 'not_found' && code !== 'ERR_ABORTED' && code !== 'ERR_SUSPENDED';
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
    // Runbooks search for one of the two, so a failure without both gets the problem as its code.
    ...(error.code === undefined && error.httpStatus !== undefined ? {} : { code: error.code ?? error.problem }),
    ...(error.inDoubt ? { in_doubt: true } : {}),
    ...(ticketId === undefined ? {} : { ticket_id: ticketId }),
    detail: error.message,
  };
}

/** HTTPError: an unusable answer; ConnectionError: no answer. */
function kind(error: TicketError): 'HTTPError' | 'ConnectionError' {
  return error.httpStatus === undefined && error.code !== undefined ? 'ConnectionError' : 'HTTPError';
}
