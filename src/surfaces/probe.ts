import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import axios, { type AxiosResponse } from 'axios';
import { withAnySignal } from '../lib/withAnySignal.ts';
import type { Log } from '../log/log.ts';
import { maskSecrets } from '../log/secretTexts.ts';
import { createNames, type Names } from '../net/names.ts';
import { targetRefusal } from './address.ts';
import { bodyContains } from './bodyText.ts';
import { type CheckRequest, createRequests } from './probeRequest.ts';
import { withoutSecrets } from './secrets.ts';
import type { SurfaceConfig } from './surfacesFile.ts';

/** The result of one check. */
export interface CheckResult {
  outcome: 'up' | 'slow' | 'down';
  /** Whole milliseconds until the response was complete; null without a complete response. */
  latencyMs: number | null;
  httpStatus: number | null;
  /** Why it is not up, at most 200 characters on one line; null if it is up. */
  error: string | null;
  /** Answered with 429 or 503 and Retry-After. */
  overloaded?: true;
  /** When the certificate that it met expires, ISO 8601. */
  certificateExpiresAt?: string;
}

/** Checks a surface once. Never throws. After `signal` aborted, the error is `cancelled` and the result must be ignored. */
export type Probe = (asked: ProbeTarget, signal?: AbortSignal) => Promise<CheckResult>;

/** The fields of a surface, or of a self-check target, that a check needs. */
export type ProbeTarget = Pick<SurfaceConfig, 'id' | 'url' | 'timeoutMs' | 'degradedAfterMs' | 'expect'> &
  Partial<Pick<SurfaceConfig, 'request'>>;

export interface ProbeDeps {
  /** Whether loopback and private networks may be checked. */
  allowPrivate: boolean;
  log: Pick<Log, 'debug'>;
  /** Resolves host names; by the name servers of the system if left out. */
  names?: ProbeNames;
  /** Holds the variables to which the file refers; default `process.env`. */
  env?: NodeJS.ProcessEnv;
}

type ProbeNames = Pick<Names, 'resolve' | 'isResolving'>;
type Verdict = Omit<CheckResult, 'latencyMs'>;

// biome-ignore lint/style/noProcessEnv: which variables these are is up to the surfaces file
export function createProbe({ allowPrivate, log, names = createNames(), env = process.env }: ProbeDeps): Probe {
  const requestOf = createRequests({ allowPrivate, env, resolve: names.resolve });
  const client = axios.create({
    proxy: false,
    maxRedirects: 0,
    responseType: 'stream',
    validateStatus: () => true,
    headers: { 'User-Agent': 'auto-ticketing', Accept: '*/*', Connection: 'close' },
  });

  /** Reads only as much of the response as the verdict needs, then closes the connection. */
  async function judge(surface: ProbeTarget, request: CheckRequest, signal: AbortSignal): Promise<Verdict> {
    // Behind a proxy no lookup of ours sees the target.
    const refused = targetRefusal(surface.url, allowPrivate);
    if (refused) throw refused;
    const { secrets: _, ...config } = request;
    const response: AxiosResponse<Readable> = await client.request({ ...config, url: surface.url, signal });
    const certificate = certificateOf(response);
    try {
      const verdict = byStatus(surface, response) ?? (await byBody(surface, response, signal));
      return { ...verdict, ...certificate };
    } finally {
      response.data.on('error', () => {}).destroy();
    }
  }

  return async (surface, signal) => {
    const began = performance.now();
    const deadline = AbortSignal.timeout(surface.timeoutMs);
    let secrets: ReadonlySet<string> = new Set();
    let result: CheckResult;
    try {
      const request = await requestOf(surface.request);
      secrets = request.secrets;
      const verdict = await withAnySignal([deadline, signal], (any) => judge(surface, request, any));
      result = timed(verdict, Math.round(performance.now() - began), surface.degradedAfterMs);
    } catch (error) {
      const why = signal?.aborted
        ? 'cancelled'
        : deadline.aborted
          ? tooLate(surface, names)
          : withoutSecrets(reason(error), secrets);
      result = { outcome: 'down', latencyMs: null, httpStatus: null, error: why };
    }
    log.debug({ surface_id: surface.id, ...result }, 'check made');
    return result;
  };
}

/** The verdict if status and headers are enough; null if the body decides. */
function byStatus({ url, expect }: ProbeTarget, { status, headers }: AxiosResponse): Verdict | null {
  if ((status === 429 || status === 503) && headers['retry-after'] !== undefined) {
    return { outcome: 'slow', httpStatus: status, error: `HTTP ${status} with Retry-After`, overloaded: true };
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
  { data, headers, status }: AxiosResponse<Readable>,
  signal: AbortSignal,
): Promise<Verdict> {
  const found = await bodyContains(data, expect.bodyContains, String(headers['content-type'] ?? ''), signal);
  if (found || expect.bodyContains === null) return { outcome: 'up', httpStatus: status, error: null };
  return { outcome: 'down', httpStatus: status, error: 'the body does not contain the expected text' };
}

/** When the certificate of the peer expires, as ISO 8601; left out without TLS. */
function certificateOf({ request }: AxiosResponse): { certificateExpiresAt?: string } {
  const socket: unknown = (request as { socket?: unknown } | undefined)?.socket;
  const until = socket instanceof TLSSocket ? Date.parse(socket.getPeerCertificate().valid_to) : Number.NaN;
  return Number.isNaN(until) ? {} : { certificateExpiresAt: new Date(until).toISOString() };
}

/** The error text contains no measured value, so that repeated slow checks have equal texts. */
function timed(verdict: Verdict, latencyMs: number, degradedAfterMs: number): CheckResult {
  if (verdict.outcome !== 'up' || latencyMs <= degradedAfterMs) return { ...verdict, latencyMs };
  return { ...verdict, latencyMs, outcome: 'slow', error: `slower than ${degradedAfterMs} ms` };
}

/** A deadline that passed while the name was still being resolved says nothing about the service. */
function tooLate({ url, timeoutMs, request }: ProbeTarget, names: ProbeNames): string {
  const { hostname } = new URL(url);
  if ((request?.proxy ?? null) !== null || !names.isResolving(hostname)) {
    return `no complete answer within ${timeoutMs} ms`;
  }
  return clean(`the name ${hostname} could not be resolved: no answer from the name servers within ${timeoutMs} ms`);
}

/** The error code first: it comes from the platform, while the message may contain foreign text. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  const cause = axios.isAxiosError(error) && error.cause instanceof Error ? error.cause : error;
  // Several addresses were tried, and the error of each one is inside.
  const message = cause instanceof AggregateError ? messagesOf(cause) : cause.message;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
  return clean(code === null || message.includes(code) ? message : `${code}: ${message}`) || 'failed';
}

const messagesOf = ({ errors }: AggregateError): string =>
  errors.map((error: unknown) => (error instanceof Error ? error.message : String(error))).join('; ');

const clean = (text: string): string =>
  maskSecrets(text)
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .slice(0, 200)
    .replace(/\p{Surrogate}$/u, '');
