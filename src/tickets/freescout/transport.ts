import http from 'node:http';
import https from 'node:https';
import axios, { isAxiosError } from 'axios';
import { maskSecrets } from '../../log/secretTexts.ts';
import type { Agents } from '../../net/agents.ts';
import { createOutgoing, type Outgoing } from '../../net/outgoing.ts';
import { nothingYet, observed, type WireProgress } from './observed.ts';
import { createRequestQueue, type RequestQueue } from './requestQueue.ts';
import { isStale } from './staleConnection.ts';
import { withDeadline } from './withDeadline.ts';

/** One request to the API: path below `/api/`, without a leading slash. */
export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  query?: Record<string, string | number>;
  body?: object;
  /** Limit for the answer in bytes; default 5 MiB. */
  maxBytes?: number;
}

/** Limits of one operation; its requests share the deadline. */
export interface CallTerms {
  /** On the clock of `performance.now()`; Infinity if only the timeout of each request applies. */
  deadline: number;
  urgent: boolean;
  /** Runs after all others. */
  patient?: boolean | undefined;
  /** For a page that somebody looks at. */
  page?: boolean | undefined;
  signal: AbortSignal | undefined;
  /** It belongs to work that has its turn: it does not wait in the queue. */
  hasTurn?: boolean | undefined;
  /** Asked right before a request leaves; false if it is too late for it, because this process was suspended. */
  mayLeave?: (() => boolean) | undefined;
}

export interface Reply {
  status: number;
  resourceId: string | undefined;
  retryAfter: string | undefined;
  /** The header Date: the clock of the server. */
  date: string | undefined;
  location: string | undefined;
  text: string;
}

/** No complete answer arrived. */
export class NoReplyError extends Error {
  /** ECONNREFUSED, ETIMEDOUT, CERT_HAS_EXPIRED, …; ERR_ABORTED when the caller cancelled the request. */
  readonly code: string;
  /** The whole request may have reached the server. */
  readonly sent: boolean;
  /** Set if the answer started but could not be read to its end. */
  readonly status: number | undefined;

  constructor(code: string, facts: { sent: boolean; status?: number | undefined; cause?: unknown }) {
    super(`No usable answer (${code}).`, { cause: facts.cause });
    this.name = 'NoReply';
    this.code = code;
    this.sent = facts.sent;
    this.status = facts.status;
  }
}

export type Send = (apiRequest: ApiRequest, call: CallTerms) => Promise<Reply>;

const MAX_ANSWER_BYTES = 5 * 1024 * 1024;
/** Codes that prove that no (trusted) connection was established. */
const NEVER_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|PROXY_REFUSED|CERT_.+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.+|ERR_TLS_CERT_ALTNAME_INVALID)$/;

/**
 * Sends each request once; a GET or PUT once more if a reused connection was reset before any answer, and a GET also if no
 * answer came on it. `timeoutMs` limits each request from leaving the queue to the last byte of its answer; the deadline of
 * the call covers both and the wait in the queue. Throws NoReplyError.
 */
export function createTransport(settings: {
  baseUrl: string;
  /** Read for each request, because it may be replaced while the program runs. */
  apiKey: string;
  timeoutMs: number;
  concurrency: number;
  /** One of its own if left out. */
  queue?: RequestQueue | undefined;
  /** Directly if left out. */
  outgoing?: Outgoing | undefined;
}): Send {
  const { outgoing = createOutgoing() } = settings;
  const root = `${settings.baseUrl.replace(/\/+$/, '')}/api/`;
  const nodeClient = root.startsWith('https:') ? https : http;
  const { queue = createRequestQueue(settings.concurrency) } = settings;
  const reused = outgoing.agentsFor(root, { keepAlive: true });
  // A request on a kept-alive connection that the server is closing ends in a reset. A GET or PUT is repeated once, but
  // a POST would be in doubt for minutes, so each POST gets a connection of its own.
  const fresh = outgoing.agentsFor(root);
  const headers = () => ({
    Accept: 'application/json',
    'X-FreeScout-API-Key': settings.apiKey,
    Authorization: `Bearer ${settings.apiKey}`,
    'User-Agent': 'auto-ticketing',
  });

  /** A connection that was dead when it was used again says nothing about the server: one more try. */
  async function readOnceMore(
    apiRequest: ApiRequest,
    call: CallTerms,
    signal: AbortSignal,
    seen: WireProgress,
  ): Promise<Reply> {
    const attempt = (agents: Agents) =>
      withDeadline(settings.timeoutMs, signal, (inner) => {
        if (call.mayLeave?.() === false) throw new NoReplyError('ERR_SUSPENDED', { sent: false });
        return request(apiRequest, inner, seen, agents);
      });
    if (apiRequest.method === 'POST') return attempt(fresh);
    try {
      return await attempt(reused);
    } catch (error) {
      if (signal.aborted || !isStale(apiRequest.method, codeOf(error, false), seen)) throw error;
      Object.assign(seen, nothingYet());
      return attempt(fresh);
    }
  }

  async function request(
    apiRequest: ApiRequest,
    signal: AbortSignal,
    seen: WireProgress,
    agents: Agents,
  ): Promise<Reply> {
    const query = new URLSearchParams(
      Object.entries(apiRequest.query ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
    ).toString();
    const answer = await axios.request<string>({
      method: apiRequest.method,
      url: `${root}${apiRequest.path}${query === '' ? '' : `?${query}`}`,
      headers: apiRequest.body === undefined ? headers() : { ...headers(), 'Content-Type': 'application/json' },
      data: apiRequest.body === undefined ? undefined : JSON.stringify(apiRequest.body),
      ...agents,
      signal,
      proxy: false,
      // A redirect turns POST into GET, and the list that is returned would look like the answer to a create.
      maxRedirects: 0,
      maxContentLength: apiRequest.maxBytes ?? MAX_ANSWER_BYTES,
      responseType: 'text',
      transformRequest: [(data: unknown) => data],
      transformResponse: [(data: unknown) => data],
      validateStatus: () => true,
      transport: observed(nodeClient, seen),
    });
    const header = (name: string) => {
      const value: unknown = answer.headers[name];
      return typeof value === 'string' ? maskSecrets(value) : undefined;
    };
    return {
      status: answer.status,
      resourceId: header('resource-id'),
      retryAfter: header('retry-after'),
      date: header('date'),
      location: header('location'),
      // Error pages, of a proxy for example, may quote the headers of the request, and so the key.
      text: typeof answer.data === 'string' ? maskSecrets(answer.data) : '',
    };
  }

  const inTurn = <T>(call: CallTerms, signal: AbortSignal, work: () => Promise<T>): Promise<T> =>
    call.hasTurn ? work() : queue.run(call, signal, work);

  return async (apiRequest, call) => {
    const seen = nothingYet();
    try {
      return await withDeadline(call.deadline - performance.now(), call.signal, (outer) =>
        inTurn(call, outer, () => readOnceMore(apiRequest, call, outer, seen)),
      );
    } catch (error) {
      throw error instanceof NoReplyError ? error : noReply(error, seen, call.signal?.aborted ?? false);
    }
  };
}

function noReply(error: unknown, { sent, status }: WireProgress, cancelled: boolean): NoReplyError {
  const code = codeOf(error, cancelled);
  // The error of axios contains the whole request including the API key, so only its cause is passed on.
  const cause = isAxiosError(error) ? error.cause : error;
  return new NoReplyError(code, { sent: sent && !NEVER_CONNECTED.test(code), status, cause });
}

function codeOf(error: unknown, unwanted: boolean): string {
  // A deadline aborts with a TimeoutError too; that is a slow help desk, not a cancelled call.
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'ETIMEDOUT';
  if (unwanted) return 'ERR_ABORTED';
  if (!(error instanceof Error)) return 'ERR_NO_REPLY';
  if (error.message.startsWith('maxContentLength')) return 'ERR_ANSWER_TOO_LONG';
  if (error.message === 'stream has been aborted') return 'ECONNRESET';
  return 'code' in error && typeof error.code === 'string' ? error.code : 'ERR_NO_REPLY';
}
