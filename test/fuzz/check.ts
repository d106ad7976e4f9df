import { MARK } from './draw.ts';
import type { Input } from './requests.ts';
import type { Output } from './send.ts';

/** A click may take 15 s, and so may taking many alerts or replaying many letters; a page five. What is on top is this machine's. */
const SLACK_MS = 3_000;
const deadlineOf = ({ route }: Input): number =>
  (/investigate|\/api\/alerts|dead-letters\/replay/.test(route) ? 17_000 : 5_000) + SLACK_MS;

/** Not there yet, and says so. */
const HONEST = new Set([501]);

/** What is wrong with an answer; null where nothing is. */
export function faultIn(input: Input, { status, type, body, ms }: Output): string | null {
  if (ms > deadlineOf(input)) return `took ${Math.round(ms)} ms`;
  if (status >= 500 && !HONEST.has(status)) return `answered ${status}: ${body.slice(0, 300)}`;
  if (status === 0 && input.wire === null) return 'closed the connection without an answer';
  if (/\n {4}at |node_modules\//.test(body)) return `showed a stack: ${body.slice(0, 300)}`;
  if (type.startsWith('text/html') && body.includes(MARK)) return 'showed a stranger’s markup as it is';
  if (status >= 400 && type.startsWith('application/json') && input.method !== 'HEAD' && !isProblem(body))
    return `answered ${status} in another shape: ${body.slice(0, 200)}`;
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

export const isWrite = ({ method }: Input): boolean => method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
