import type { Readable } from 'node:stream';
import axios, { type AxiosResponse } from 'axios';
import type { Log } from '../log/log.ts';
import { guardedAgents, type Lookup } from './address.ts';
import type { SurfaceConfig } from './surfacesFile.ts';

/** What one check saw. */
export interface CheckResult {
  outcome: 'up' | 'slow' | 'down';
  /** Whole milliseconds until the answer was complete; null where none was. */
  latencyMs: number | null;
  httpStatus: number | null;
  /** Why it is not up, at most 200 characters on one line; null where it is. */
  error: string | null;
}

/** Checks a surface once. Never throws; after `signal` fired the result says `cancelled` and is not to be counted. */
export type Probe = (asked: ProbeTarget, signal?: AbortSignal) => Promise<CheckResult>;

/** As much of a surface, or of a self-check target, as a check needs. */
export type ProbeTarget = Pick<SurfaceConfig, 'id' | 'url' | 'timeoutMs' | 'degradedAfterMs' | 'expect'>;

export interface ProbeDeps {
  /** Whether loopback and private networks may be checked. */
  allowPrivate: boolean;
  log: Pick<Log, 'debug'>;
  /** Resolves names; the platform's own where it is left out. */
  lookup?: Lookup;
}

/** So much of a body is read at most, after decompression. */
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

  /** Asks and reads as much of the answer as it takes to judge it; the rest is thrown away with the connection. */
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

/** What the status line and the headers decide alone; null where the body has a say. */
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

/** Reads until the text comes, the body ends or enough was read. Keeps no more of it than the text is long. */
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

/** Says nothing that differs from check to check: the same trouble again must read the same. */
function timed(verdict: Verdict, latencyMs: number, degradedAfterMs: number): CheckResult {
  if (verdict.outcome !== 'up' || latencyMs <= degradedAfterMs) return { ...verdict, latencyMs };
  return { ...verdict, latencyMs, outcome: 'slow', error: `slower than ${degradedAfterMs} ms` };
}

/** The code says most and is ours or the platform's; the message may be a stranger's words. */
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
