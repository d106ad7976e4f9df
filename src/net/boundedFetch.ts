import http from 'node:http';
import https from 'node:https';
import type { Agents } from './agents.ts';

/** `fetch` without redirects, which are returned as they are. The whole body is read, up to `maxBytes`. */
export type BoundedFetch = (
  address: string | URL,
  init: RequestInit | undefined,
  maxBytes: number,
) => Promise<Response>;

class BodyTooLargeError extends Error {
  readonly code = 'TOO_LARGE';

  constructor(maxBytes: number) {
    super(`the answer is longer than ${maxBytes} bytes`);
    this.name = 'BodyTooLargeError';
  }
}

/** The server changed the protocol (101), which ends the request without an error. It may have carried the request out. */
class NoAnswerError extends Error {
  readonly code = 'ECONNRESET';

  constructor() {
    super('the connection ended without an answer');
    this.name = 'NoAnswerError';
  }
}

/** Statuses for which a Response must not have a body. */
const BODILESS = new Set([101, 204, 205, 304]);

/** Node's own `fetch` cannot be given agents, and so neither a proxy nor name servers. */
export function createFetch(agentsFor: (address: URL) => Agents): BoundedFetch {
  return async (address, init, maxBytes) => {
    // That of the Request is no use: it follows this one only until the Request is collected as garbage, and a call without
    // an answer would never end.
    const signal = init?.signal ?? undefined;
    signal?.throwIfAborted();
    const request = new Request(address, { ...init, signal: null });
    const body = Buffer.from(await request.arrayBuffer());
    const answer = send(request, { body, signal, agents: agentsFor(new URL(request.url)) });
    return untilAborted(
      signal,
      answer.then((incoming) => responseOf(incoming, maxBytes)),
    );
  };
}

/**
 * Rejects with the reason of the abort, at the abort: a request that is destroyed before it has a connection, while a proxy
 * is silent, emits nothing.
 */
async function untilAborted<T>(signal: AbortSignal | undefined, call: Promise<T>): Promise<T> {
  if (!signal) return call;
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
  });
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([aborted, call]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function send(
  { url, method, headers }: Request,
  { body, signal, agents }: { body: Buffer; signal: AbortSignal | undefined; agents: Agents },
): Promise<http.IncomingMessage> {
  const isSecure = new URL(url).protocol === 'https:';
  const options = {
    method,
    headers: { accept: '*/*', ...Object.fromEntries(headers) },
    agent: isSecure ? agents.httpsAgent : agents.httpAgent,
    ...(signal ? { signal } : {}),
  };
  return new Promise((resolve, reject) => {
    (isSecure ? https : http)
      .request(url, options, resolve)
      .on('error', reject)
      // Has no effect after an answer or an error.
      .on('close', () => reject(new NoAnswerError()))
      .end(body);
  });
}

async function responseOf(answer: http.IncomingMessage, maxBytes: number): Promise<Response> {
  const status = answer.statusCode ?? 0;
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headersDistinct)) {
    for (const each of value ?? []) headers.append(name, each);
  }
  const body = await read(answer, maxBytes);
  const init = { status, statusText: answer.statusMessage ?? '', headers };
  return new Response(BODILESS.has(status) ? null : body, init);
}

async function read(answer: http.IncomingMessage, maxBytes: number): Promise<Buffer<ArrayBuffer>> {
  const parts: Buffer[] = [];
  let length = 0;
  // Leaving the loop early closes the connection.
  for await (const part of answer as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > maxBytes) throw new BodyTooLargeError(maxBytes);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
