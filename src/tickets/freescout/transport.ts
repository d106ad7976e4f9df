import http from 'node:http';
import https from 'node:https';
import axios, { isAxiosError } from 'axios';
import { createRequestQueue } from './requestQueue.ts';
import { withDeadline } from './withDeadline.ts';

/** One request to the API: path below `/api/`, without a leading slash. */
export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  query?: Record<string, string | number>;
  body?: object;
  /** The longest answer that is read, in bytes; 5 MiB unless told. */
  maxBytes?: number;
}

/** The terms under which one verb runs; each of its requests gets what is left of them. */
export interface CallTerms {
  /** On the clock of `performance.now()`; Infinity where only the limit of each single request counts. */
  deadline: number;
  urgent: boolean;
  /** Goes behind all others. */
  patient?: boolean | undefined;
  signal: AbortSignal | undefined;
}

export interface Reply {
  status: number;
  resourceId: string | undefined;
  retryAfter: string | undefined;
  /** What its own clock says. */
  date: string | undefined;
  location: string | undefined;
  text: string;
}

/** No complete answer came. */
export class NoReplyError extends Error {
  /** ECONNREFUSED, ETIMEDOUT, CERT_HAS_EXPIRED, …; ERR_ABORTED when the caller no longer wanted the answer. */
  readonly code: string;
  /** The whole request may have reached the other side. */
  readonly sent: boolean;
  /** Set when an answer began and could not be read to its end. */
  readonly status: number | undefined;

  constructor(code: string, facts: { sent: boolean; status?: number | undefined; cause?: unknown }) {
    super(`No usable answer (${code}).`, { cause: facts.cause });
    this.name = 'NoReply';
    this.code = code;
    this.sent = facts.sent;
    this.status = facts.status;
  }
}

export type Send = (exchange: ApiRequest, call: CallTerms) => Promise<Reply>;

const MAX_ANSWER_BYTES = 5 * 1024 * 1024;
/** Codes that say by themselves that no connection, or no trusted one, came about. */
const NEVER_CONNECTED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|CERT_.+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.+|ERR_TLS_CERT_ALTNAME_INVALID)$/;

interface WireProgress {
  sent: boolean;
  status: number | undefined;
}

/**
 * Sends single requests, never twice. `timeoutMs` limits each request from the moment it leaves the queue to the last
 * byte of its answer, however slowly that drips; the call's own deadline covers the wait in the queue as well.
 */
export function createTransport(settings: {
  baseUrl: string;
  apiKey: string;
  timeoutMs: number;
  concurrency: number;
}): Send {
  const root = `${settings.baseUrl.replace(/\/+$/, '')}/api/`;
  const nodeClient = root.startsWith('https:') ? https : http;
  const queue = createRequestQueue(settings.concurrency);
  const reused = { httpAgent: new http.Agent({ keepAlive: true }), httpsAgent: new https.Agent({ keepAlive: true }) };
  // A request on a connection that the server is just closing ends in a reset although nobody read it. Reading again
  // is cheap, but a POST would be in doubt for minutes, so each gets a connection of its own.
  const fresh = { httpAgent: new http.Agent(), httpsAgent: new https.Agent() };
  const headers = {
    Accept: 'application/json',
    'X-FreeScout-API-Key': settings.apiKey,
    Authorization: `Bearer ${settings.apiKey}`,
    'User-Agent': 'auto-ticketing',
  };

  async function request(exchange: ApiRequest, signal: AbortSignal, seen: WireProgress): Promise<Reply> {
    const query = new URLSearchParams(
      Object.entries(exchange.query ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
    ).toString();
    const answer = await axios.request<string>({
      method: exchange.method,
      url: `${root}${exchange.path}${query === '' ? '' : `?${query}`}`,
      headers: exchange.body === undefined ? headers : { ...headers, 'Content-Type': 'application/json' },
      data: exchange.body === undefined ? undefined : JSON.stringify(exchange.body),
      ...(exchange.method === 'POST' ? fresh : reused),
      signal,
      proxy: false,
      // A followed redirect turns POST into GET, and a list would be taken for the answer to a create.
      maxRedirects: 0,
      maxContentLength: exchange.maxBytes ?? MAX_ANSWER_BYTES,
      responseType: 'text',
      transformRequest: [(data: unknown) => data],
      transformResponse: [(data: unknown) => data],
      validateStatus: () => true,
      transport: observed(nodeClient, seen),
    });
    const header = (name: string) => {
      const value: unknown = answer.headers[name];
      return typeof value === 'string' ? value : undefined;
    };
    return {
      status: answer.status,
      resourceId: header('resource-id'),
      retryAfter: header('retry-after'),
      date: header('date'),
      location: header('location'),
      text: typeof answer.data === 'string' ? answer.data : '',
    };
  }

  return async (exchange, call) => {
    const seen: WireProgress = { sent: false, status: undefined };
    try {
      return await withDeadline(call.deadline - performance.now(), call.signal, (outer) =>
        queue.run(call, outer, () =>
          withDeadline(settings.timeoutMs, outer, (inner) => request(exchange, inner, seen)),
        ),
      );
    } catch (error) {
      throw noReply(error, seen, call.signal?.aborted ?? false);
    }
  };
}

/** Node's own client, which also notes when the last byte was handed over and when an answer began. */
function observed(wire: typeof http | typeof https, seen: WireProgress) {
  return {
    request(options: http.RequestOptions, onResponse: (response: http.IncomingMessage) => void): http.ClientRequest {
      const request = wire.request(options, (response) => {
        seen.status = response.statusCode;
        onResponse(response);
      });
      request.once('finish', () => {
        seen.sent = true;
      });
      return request;
    },
  };
}

function noReply(error: unknown, { sent, status }: WireProgress, cancelled: boolean): NoReplyError {
  const code = codeOf(error, cancelled);
  // axios' own error carries the whole request, the key included, and must not travel on.
  const cause = isAxiosError(error) ? error.cause : error;
  return new NoReplyError(code, { sent: sent && !NEVER_CONNECTED.test(code), status, cause });
}

function codeOf(error: unknown, unwanted: boolean): string {
  // A caller whose time was up aborts with a TimeoutError too: that is the desk being slow, not an answer unwanted.
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'ETIMEDOUT';
  if (unwanted) return 'ERR_ABORTED';
  if (!(error instanceof Error)) return 'ERR_NO_REPLY';
  if (error.message.startsWith('maxContentLength')) return 'ERR_ANSWER_TOO_LONG';
  if (error.message === 'stream has been aborted') return 'ECONNRESET';
  return 'code' in error && typeof error.code === 'string' ? error.code : 'ERR_NO_REPLY';
}
