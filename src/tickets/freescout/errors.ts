import { TicketError, type TicketProblem } from '../port.ts';
import { errorBodySchema } from './schemas.ts';
import type { ApiRequest, Reply } from './transport.ts';

/**
 * Statuses that are answered before anything is stored: by the web server, the key check, the router or a proxy's limit.
 * A redirect is one of them as well. Any other refusal of a POST leaves open whether the thing was made: FreeScout has
 * no transaction around a create, so a 5xx can come from a later step, and so can a 400 (a thread that fails after its
 * ticket was inserted; such a ticket was seen to stay) and a 404 (a workflow that deletes the new ticket at once).
 */
const ANSWERED_BEFORE_STORING = new Set([401, 403, 405, 411, 413, 414, 415, 429, 431]);
/** Fields whose faults are found before the first insert; a fault of any other may belong to a later step. */
const CHECKED_BEFORE_STORING = new Set(['type', 'mailboxId', 'subject', 'threads']);

interface ErrorBody {
  message: string;
  paths: string[];
  /** A body as only FreeScout's API module writes it. */
  fromModule: boolean;
}

/** The meaning of an answer that is not a success. */
export function errorFor(reply: Reply, exchange: ApiRequest): TicketError {
  const fault = parseErrorBody(reply.text);
  const [problem, sentence] = meaning(reply, exchange, fault);
  return new TicketError(problem, sentence, {
    inDoubt: exchange.method === 'POST' && mayBeStored(reply, exchange, fault),
    httpStatus: reply.status,
    retryAfterMs: retryAfterMs(reply),
  });
}

function meaning(reply: Reply, exchange: ApiRequest, fault: ErrorBody): [TicketProblem, string] {
  const { status } = reply;
  const said = fault.message === '' ? '' : ` It said: ${fault.message}`;
  if (status >= 300 && status < 400) {
    const target = reply.location === undefined ? '' : ` to ${cut(reply.location)}`;
    return ['unavailable', `FreeScout redirects${target} (${status}): FREESCOUT_BASE_URL has to be its final address.`];
  }
  if (status === 401)
    return ['unauthorized', 'FreeScout refuses the API key (401): FREESCOUT_API_KEY is wrong or was renewed.'];
  if (status === 403) return ['forbidden', `FreeScout, or what stands before it, denies access (403).${said}`];
  if (status === 404) return notFound(exchange, fault);
  if (status === 400 && fault.paths.includes('mailboxId')) {
    return ['mailbox_not_found', 'FreeScout knows no such mailbox (400): FREESCOUT_OPERATIONS_MAILBOX_ID is wrong.'];
  }
  if (status === 400 && /\btags module\b/i.test(fault.message)) {
    return ['tags_unavailable', 'The Tags module of FreeScout is not active (400).'];
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500 || status < 200) {
    return ['unavailable', `FreeScout cannot answer now (${status}).${said}`];
  }
  return ['rejected', `FreeScout rejects the request (${status}).${said}`];
}

function notFound(exchange: ApiRequest, fault: ErrorBody): [TicketProblem, string] {
  if (apiIsMissing(fault)) {
    return [
      'unavailable',
      'FreeScout has no API at this address (404): its API & Webhooks module is not active, or FREESCOUT_BASE_URL is wrong.',
    ];
  }
  if (isNewTicket(exchange)) {
    return ['rejected', 'FreeScout answered 404 to a new ticket: a workflow may have deleted it at once.'];
  }
  return ['not_found', `FreeScout has no ${exchange.path} (404).`];
}

function mayBeStored({ status }: Reply, exchange: ApiRequest, fault: ErrorBody): boolean {
  if (status < 400 || ANSWERED_BEFORE_STORING.has(status)) return false;
  // A note is one insert that is checked first, and none can be on a ticket that is not there.
  if (status === 400) return isNewTicket(exchange) && !fault.paths.some((path) => CHECKED_BEFORE_STORING.has(path));
  // Where no route is, nothing ran.
  if (status === 404) return isNewTicket(exchange) && !apiIsMissing(fault);
  return true;
}

function isNewTicket({ method, path }: ApiRequest): boolean {
  return method === 'POST' && path === 'conversations';
}

/** The module says "Not Found"; the framework, with no route for the address, says nothing or sends a page. */
function apiIsMissing(fault: ErrorBody): boolean {
  return !fault.fromModule && fault.message === '';
}

function parseErrorBody(text: string): ErrorBody {
  const parsed = errorBodySchema.safeParse(json(text));
  if (!parsed.success) return { message: '', paths: [], fromModule: false };
  const { message, _embedded } = parsed.data;
  const errors = _embedded?.errors ?? [];
  return {
    message: cut([message, ...errors.map((error) => error.message)].filter(Boolean).join(': ')),
    paths: errors.flatMap(({ path }) => (path ? [path] : [])),
    fromModule: _embedded !== undefined && _embedded !== null,
  };
}

/** Whatever is asked for, somebody may mend it meanwhile. */
const LONGEST_WAIT_MS = 3_600_000;

/** Seconds or a date, as HTTP has it; in milliseconds. A date is of the other side's clock, which ours may not agree with. */
function retryAfterMs({ retryAfter, date }: Reply): number | undefined {
  if (retryAfter === undefined) return undefined;
  const now = Date.parse(date ?? '');
  const asked = /^\d{1,9}$/.test(retryAfter)
    ? Number(retryAfter) * 1000
    : Date.parse(retryAfter) - (Number.isNaN(now) ? Date.now() : now);
  return Number.isNaN(asked) ? undefined : Math.min(Math.max(0, asked), LONGEST_WAIT_MS);
}

/** Parsed, or undefined where the text is no JSON. */
export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Foreign text on one short line, fit for a log and a banner. */
function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
