import { MARK } from './draw.ts';
import type { Input } from './requests.ts';
import type { Output } from './send.ts';

/** 17 s for a click, for the intake and for replaying many dead letters; 5 s for everything else. */
const deadlineOf = ({ route }: Input): number =>
  /investigate|\/api\/alerts|dead-letters\/replay/.test(route) ? 17_000 : 5_000;

/** No worker runs beside the fuzzer, so that requests of a sender pile up until it is told to wait. */
const isFull = ({ route }: Input, body: string): boolean =>
  route.includes('/api/webhooks/') && body.includes('Too many requests of this source wait');

/** Documented statuses that are no fault. */
const ALLOWED = new Set([501]);

/** What is wrong with a response, or null. `toleranceMs` is added to each deadline because the machine may be busy. */
export function faultIn(input: Input, output: Output, toleranceMs: number): string | null {
  const { status, type, body, ms, stoodStillMs } = output;
  if (status === 408 && input.wire === null)
    return `got 408 after ${Math.round(ms)} ms although it was sent whole: what came before it on its connection was not read to its end`;
  if (ms > deadlineOf(input) + toleranceMs)
    return `took ${Math.round(ms)} ms to get ${status}; the process stood still for ${stoodStillMs} ms of them`;
  if (status >= 500 && !ALLOWED.has(status) && !isFull(input, body)) return `answered ${status}: ${body.slice(0, 300)}`;
  if (status === 0 && input.wire === null) return 'closed the connection without a response';
  if (/\n {4}at |node_modules\//.test(body)) return `contained a stack trace: ${body.slice(0, 300)}`;
  if (type.startsWith('text/html') && body.includes(MARK)) return 'contained unescaped markup from the request';
  if (status >= 400 && type.startsWith('application/json') && input.method !== 'HEAD' && !isProblem(body))
    return `answered ${status} without the error format of the API: ${body.slice(0, 200)}`;
  return null;
}

function isProblem(body: string): boolean {
  try {
    const { error } = JSON.parse(body) as { error?: { code?: unknown; message?: unknown } };
    return typeof error?.code === 'string' && typeof error.message === 'string';
  } catch {
    return false;
  }
}

/** Some senders send their alerts by GET. */
export const isWrite = ({ method, route }: Input): boolean =>
  route.includes('/api/webhooks/') || (method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS');
