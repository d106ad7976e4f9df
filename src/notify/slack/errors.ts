import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';
import { unreachableBecause } from '../../net/unreachable.ts';
import { MessageError } from '../port.ts';

/** What was observed of the HTTP exchange during one call, independent of the error that the library throws. */
export interface Wire {
  /** The request was sent, so it may have taken effect. */
  started: boolean;
  status: number | undefined;
  /** The answer is one of Slack, and not of something in front of it. */
  isSlack: boolean;
  retryAfter: string | null;
  /** The header Date: Slack's clock when it answered. */
  date: string | null;
}

interface Verdict {
  code: string;
  retryable: boolean;
  inDoubt: boolean;
}

const notCarriedOut = (code: string): Verdict => ({ code, retryable: true, inDoubt: false });
const inDoubt = (code: string): Verdict => ({ code, retryable: true, inDoubt: true });
const final = (code: string): Verdict => ({ code, retryable: false, inDoubt: false });

/** According to Slack, part of the work may have been done. */
const IN_DOUBT_ANSWERS = new Set(['internal_error', 'fatal_error', 'service_unavailable']);
/** Temporary refusals that certainly had no effect. */
const TEMPORARY_ANSWERS = new Set([
  'ratelimited',
  'rate_limited',
  'request_timeout',
  'team_added_to_org',
  'external_channel_migrating',
]);

/** Statuses without a request to Slack: a wrong or missing access right, a request that is not let through, or one cut off. */
const TURNED_AWAY = new Set([401, 403, 405, 407, 408, 411, 413, 414, 415, 425, 431]);

/** Failures before the request was sent. */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|PROXY_REFUSED|CERT_|ERR_TLS|ERR_SSL|EPROTO|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;

/** The error and its causes, outermost first. */
function* causes(error: unknown): Generator<object> {
  let next = error;
  for (let depth = 0; depth < 8 && typeof next === 'object' && next !== null; depth += 1) {
    yield next;
    next = 'original' in next ? next.original : 'cause' in next ? next.cause : undefined;
  }
}

function network(error: unknown): Verdict {
  for (const cause of causes(error)) {
    if ('name' in cause && cause.name === 'TimeoutError') return inDoubt('timeout');
    if ('name' in cause && cause.name === 'AbortError') return inDoubt('aborted');
    // Several addresses were tried, and none of them accepted a connection.
    const isUnconnected = cause instanceof AggregateError || ('syscall' in cause && cause.syscall === 'connect');
    if (isUnconnected) {
      return notCarriedOut('code' in cause && typeof cause.code === 'string' ? cause.code : 'connect_failed');
    }
    if ('code' in cause && typeof cause.code === 'string' && !cause.code.startsWith('slack_webapi')) {
      return NEVER_SENT.test(cause.code) ? notCarriedOut(cause.code) : inDoubt(cause.code);
    }
  }
  return inDoubt('unreadable_answer');
}

function answer(code: unknown): Verdict {
  if (typeof code !== 'string' || !/^[a-z][a-z0-9_]{1,79}$/.test(code)) return inDoubt('unreadable_answer');
  if (IN_DOUBT_ANSWERS.has(code)) return inDoubt(code);
  return TEMPORARY_ANSWERS.has(code) ? notCarriedOut(code) : final(code);
}

/**
 * Of something in front of Slack, such as a proxy that asks for a password. It says nothing about the message, and may be
 * there for a minute only. The request may have reached Slack all the same, unless its status shows that it was turned away.
 */
function foreignAnswer(status: number): Verdict {
  const code = `http_${status}`;
  const isRedirect = status >= 300 && status < 400;
  return isRedirect || TURNED_AWAY.has(status) ? notCarriedOut(code) : inDoubt(code);
}

function verdict(error: unknown, wire: Wire): Verdict {
  if (error instanceof WebAPIRateLimitedError || wire.status === 429) return notCarriedOut('ratelimited');
  if (error instanceof WebAPIPlatformError)
    return wire.isSlack ? answer(error.data.error) : inDoubt('unreadable_answer');
  if (!(error instanceof WebAPIHTTPError)) return network(error);
  const isAnswer = wire.isSlack && error.statusCode < 500;
  return isAnswer ? answer((error.body as { error?: unknown }).error) : foreignAnswer(error.statusCode);
}

/** Milliseconds; the header has seconds or a date. A date is compared with Slack's clock, which may differ from ours. */
function patienceMs({ retryAfter, date }: Wire): number | undefined {
  if (retryAfter === null) return undefined;
  const seconds = Number(retryAfter.trim() || Number.NaN);
  const now = Date.parse(date ?? '');
  const ms = Number.isFinite(seconds)
    ? seconds * 1_000
    : Date.parse(retryAfter) - (Number.isNaN(now) ? Date.now() : now);
  return Number.isFinite(ms) ? Math.min(Math.max(Math.ceil(ms), 0), 3_600_000) : undefined;
}

/**
 * The MessageError for a failed call; `hasEffect` if the call changes something. The original error is not kept as its
 * cause, because its text may contain the token or a foreign page.
 */
export function messageError(method: string, error: unknown, wire: Wire, hasEffect: boolean): MessageError {
  if (error instanceof MessageError) return error;
  const { code, retryable, inDoubt } = verdict(error, wire);
  const why = unreachableBecause(error);
  return new MessageError(`Slack ${method} failed: ${code}${why === null ? '' : `, ${why}`}.`, {
    code,
    retryable,
    inDoubt: inDoubt && hasEffect && wire.started,
    retryAfterMs: patienceMs(wire),
  });
}
