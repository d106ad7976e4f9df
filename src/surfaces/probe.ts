import type { Readable } from 'node:stream';
import axios, { type AxiosResponse } from 'axios';
import type { Log } from '../log/log.ts';
import { guardedAgents, type Lookup } from './address.ts';
import type { SurfaceConfig } from './surfacesFile.ts';

/** The result of one check. */
export interface CheckResult {
  outcome: 'up' | 'slow' | 'down';
  /** Whole milliseconds until the response was complete; null without a complete response. */
  latencyMs: number | null;
  httpStatus: number | null;
  /** Why it is not up, at most 200 characters on one line; null where it is up. */
  error: string | null;
}

/** Checks a surface once. Never throws. After `signal` aborted, the error is `cancelled` and the result must be ignored. */
export type Probe = (asked: ProbeTarget, signal?: AbortSignal) => Promise<CheckResult>;

/** The fields of a surface, or of a self-check target, that a check needs. */
export type ProbeTarget = Pick<SurfaceConfig, 'id' | 'url' | 'timeoutMs' | 'degradedAfterMs' | 'expect'>;

export interface ProbeDeps {
  /** Whether loopback and private networks may be checked. */
  allowPrivate: boolean;
  log: Pick<Log, 'debug'>;
  /** Resolves host names; default `dns.lookup`. */
  lookup?: Lookup;
}

/** Limit for reading a body, after decompression. */
const MAX_BODY_BYTES = 1_048_576;

type Verdict = Omit<CheckResult, 'latencyMs'>;

export function createProbe({ allowPrivate, log, lookup }: ProbeDeps): Probe {
  const client = axios.create({
    ...guardedAgents(allowPrivate, lookup),
    proxy: false,
    maxRedirects: 0,
    responseType: 'stream',
    validateStatus: () => true,
    headers: { 'User-Agent': 'auto-ticketing', Accept: '*/*', Connection: 'close' },
  });

  /** Reads only as much of the response as the verdict needs, then closes the connection. */
  async function judge(surface: ProbeTarget, signal: AbortSignal): Promise<Verdict> {
    const response: AxiosResponse<Readable> = await client.get(surface.url, { signal });
    try {
      return byStatus(surface, response) ?? (await byBody(surface, response, signal));
    } finally {
      response.data.on('error', () => {}).destroy();
    }
  }

  return async (surface, signal) => {
    const deadline = AbortSignal.timeout(surface.timeoutMs);
    const began = performance.now();
    let result: CheckResult;
    try {
      const verdict = await judge(surface, signal ? AbortSignal.any([deadline, signal]) : deadline);
      result = timed(verdict, Math.round(performance.now() - began), surface.degradedAfterMs);
    } catch (error) {
      const why = signal?.aborted
        ? 'cancelled'
        : deadline.aborted
          ? `no complete answer within ${surface.timeoutMs} ms`
          : reason(error);
      result = { outcome: 'down', latencyMs: null, httpStatus: null, error: why };
    }
    log.debug({ surface_id: surface.id, ...result }, 'check made');
    return result;
  };
}

/** The verdict where status and headers are enough; null where the body decides. */
function byStatus({ url, expect }: ProbeTarget, { status, headers }: AxiosResponse): Verdict | null {
  if ((status === 429 || status === 503) && headers['retry-after'] !== undefined) {
    return { outcome: 'slow', httpStatus: status, error: `HTTP ${status} with Retry-After` };
  }
  const [low, high] = expect.status;
  if (status >= low && status <= high) return null;
  const location: unknown = headers.location;
  const error =
    status >= 300 && status < 400 && typeof location === 'string' && URL.canParse(location, url)
      ? `HTTP ${status}, redirect to ${new URL(location, url).host}`
      : `HTTP ${status}, expected ${low === high ? low : `${low} to ${high}`}`;
  return { outcome: 'down', httpStatus: status, error: clean(error) };
}

async function byBody(
  { expect }: ProbeTarget,
  response: AxiosResponse<Readable>,
  signal: AbortSignal,
): Promise<Verdict> {
  const wanted = expect.bodyContains === null ? null : Buffer.from(expect.bodyContains);
  const found = await readUntil(response.data, wanted, signal);
  if (found || wanted === null) return { outcome: 'up', httpStatus: response.status, error: null };
  return { outcome: 'down', httpStatus: response.status, error: 'the body does not contain the expected text' };
}

/** Reads until the text is found, the body ends or the limit is reached. Keeps only as much of the body as the text is long. */
async function readUntil(body: Readable, wanted: Buffer | null, signal: AbortSignal): Promise<boolean> {
  const stop = (): void => void body.destroy(new Error('too late'));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    let read = 0;
    let tail = Buffer.alloc(0);
    for await (const chunk of body as AsyncIterable<Buffer>) {
      read += chunk.length;
      if (wanted !== null) {
        const seen = Buffer.concat([tail, chunk]);
        if (seen.includes(wanted)) return true;
        tail = seen.subarray(Math.max(0, seen.length - wanted.length + 1));
      }
      if (read >= MAX_BODY_BYTES) return false;
    }
    return false;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The error text contains no measured value, so that repeated slow checks have equal texts. */
function timed(verdict: Verdict, latencyMs: number, degradedAfterMs: number): CheckResult {
  if (verdict.outcome !== 'up' || latencyMs <= degradedAfterMs) return { ...verdict, latencyMs };
  return { ...verdict, latencyMs, outcome: 'slow', error: `slower than ${degradedAfterMs} ms` };
}

/** The error code first: it comes from the platform, while the message may contain foreign text. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  const cause = axios.isAxiosError(error) && error.cause instanceof Error ? error.cause : error;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
  return clean(code === null || cause.message.includes(code) ? cause.message : `${code}: ${cause.message}`) || 'failed';
}

const clean = (text: string): string =>
  text
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .slice(0, 200)
    .replace(/\p{Surrogate}$/u, '');
