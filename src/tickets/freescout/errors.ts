import { withoutInvisible } from '../../log/invisible.ts';
import { isTooLarge, TicketError, type TicketProblem } from '../port.ts';
import { errorBodySchema } from './schemas.ts';
import type { ApiRequest, Reply } from './transport.ts';

/**
 * Statuses that are sent before anything is stored: by the web server, the key check, the router or a proxy's limit;
 * redirects as well. Any other error leaves open whether a POST took effect: FreeScout has no transaction around a
 * create, so a 5xx can come from a later step, and so can a 400 (a thread that fails after its ticket was inserted;
 * such tickets were observed to stay) and a 404 (a workflow that deletes the new ticket at once).
 */
const ANSWERED_BEFORE_STORING = new Set([401, 403, 405, 411, 413, 414, 415, 429, 431]);
/** Fields that are validated before the first insert; an error in any other field may come from a later step. */
const CHECKED_BEFORE_STORING = {
  ticket: new Set(['type', 'mailboxId', 'subject', 'threads']),
  note: new Set(['type', 'text', 'user']),
};

interface ErrorBody {
  message: string;
  paths: string[];
  /** A body as only FreeScout's API module writes it: with a message and a list of errors. */
  fromModule: boolean;
}

/** The TicketError for an answer that is not a success. */
export function errorFor(reply: Reply, apiRequest: ApiRequest): TicketError {
  const body = parseErrorBody(reply.text);
  const [problem, sentence] = meaning(reply, apiRequest, body);
  return new TicketError(problem, sentence, {
    inDoubt: apiRequest.method === 'POST' && mayBeStored(reply, apiRequest, body),
    httpStatus: reply.status,
    retryAfterMs: retryAfterMs(reply),
  });
}

function meaning(reply: Reply, apiRequest: ApiRequest, body: ErrorBody): [TicketProblem, string] {
  const { status } = reply;
  const details = body.message === '' ? '' : ` Its message: ${body.message}`;
  if (status >= 300 && status < 400) {
    const target = reply.location === undefined ? '' : ` to ${cut(reply.location)}`;
    return ['unavailable', `FreeScout redirects${target} (${status}): FREESCOUT_BASE_URL must be the final address.`];
  }
  if (status === 401)
    return ['unauthorized', 'FreeScout rejects the API key (401): FREESCOUT_API_KEY is wrong or was renewed.'];
  if (status === 403) return ['forbidden', `FreeScout, or a proxy in front of it, denies access (403).${details}`];
  if (status === 404 && !body.fromModule) {
    return [
      'unavailable',
      `FreeScout has no API at this address (404): its API & Webhooks module is not active, FREESCOUT_BASE_URL is wrong, or something in front of FreeScout answers.${details}`,
    ];
  }
  if (status === 404) return notFound(apiRequest);
  if (status === 400 && body.fromModule && body.paths.includes('mailboxId')) {
    return ['mailbox_not_found', 'FreeScout has no such mailbox (400): FREESCOUT_OPERATIONS_MAILBOX_ID is wrong.'];
  }
  if (status === 400 && body.fromModule && /\btags module\b/i.test(body.message)) {
    return ['tags_unavailable', 'The Tags module of FreeScout is not active (400).'];
  }
  if (status === 400 && body.fromModule && isThread(apiRequest) && body.paths.includes('user')) {
    // Another author may be found, and the setting may be corrected: this says nothing about the note.
    return [
      'unavailable',
      'FreeScout has no such user (400): the author of notes was deleted, or FREESCOUT_USER_ID is wrong.',
    ];
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500 || status < 200) {
    return ['unavailable', `FreeScout cannot process requests at the moment (${status}).${details}`];
  }
  // A limit for the size of the request, whichever server it is of.
  if (isTooLarge({ httpStatus: status })) return ['rejected', `The request is too large (${status}).${details}`];
  // What FreeScout itself did not say tells nothing about the ticket.
  if (!body.fromModule) return ['unavailable', `Something in front of FreeScout answers (${status}).${details}`];
  return ['rejected', `FreeScout rejects the request (${status}).${details}`];
}

function notFound(apiRequest: ApiRequest): [TicketProblem, string] {
  if (isNewTicket(apiRequest)) {
    return ['rejected', 'FreeScout answered 404 to a new ticket: a workflow may have deleted it at once.'];
  }
  return ['not_found', `FreeScout has no ${apiRequest.path} (404).`];
}

function mayBeStored({ status }: Reply, apiRequest: ApiRequest, body: ErrorBody): boolean {
  if (status < 400 || ANSWERED_BEFORE_STORING.has(status)) return false;
  // Without a route, nothing was executed: the framework says nothing, or sends a page.
  if (status === 404 && !body.fromModule && body.message === '') return false;
  // The request may have reached FreeScout all the same, and its answer may have been replaced on the way back.
  if (!body.fromModule) return true;
  if (status === 400) {
    const checked = CHECKED_BEFORE_STORING[isNewTicket(apiRequest) ? 'ticket' : 'note'];
    return !body.paths.some((path) => checked.has(path));
  }
  if (status === 404) return isNewTicket(apiRequest);
  return true;
}

function isNewTicket({ method, path }: ApiRequest): boolean {
  return method === 'POST' && path === 'conversations';
}

function isThread({ method, path }: ApiRequest): boolean {
  return method === 'POST' && path.endsWith('/threads');
}

function parseErrorBody(text: string): ErrorBody {
  const parsed = errorBodySchema.safeParse(json(text));
  if (!parsed.success) return { message: '', paths: [], fromModule: false };
  const { message, _embedded } = parsed.data;
  const errors = _embedded?.errors ?? [];
  return {
    message: cut([message, ...errors.map((error) => error.message)].filter(Boolean).join(': ')),
    paths: errors.flatMap(({ path }) => (path ? [path] : [])),
    fromModule: typeof message === 'string' && _embedded !== undefined && _embedded !== null,
  };
}

/** The cause may be fixed earlier than a longer Retry-After says. */
const LONGEST_WAIT_MS = 3_600_000;

/** Milliseconds; the header has seconds or a date. A date is compared with the server's clock, which may differ from ours. */
function retryAfterMs({ retryAfter, date }: Reply): number | undefined {
  if (retryAfter === undefined) return undefined;
  const now = Date.parse(date ?? '');
  const wait = /^\d{1,9}$/.test(retryAfter)
    ? Number(retryAfter) * 1000
    : Date.parse(retryAfter) - (Number.isNaN(now) ? Date.now() : now);
  return Number.isNaN(wait) ? undefined : Math.min(Math.max(0, wait), LONGEST_WAIT_MS);
}

/** The parsed text; undefined if it is not JSON. */
export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Foreign text on one line of at most 200 characters, for logs and banners. */
function cut(text: string): string {
  const line = withoutInvisible(text.replace(/[\s\p{Cc}]+/gu, ' ')).trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
