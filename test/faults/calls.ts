import type http from 'node:http';
import type { CallFault } from './faultMix.ts';

/** One call through a fault proxy. */
export interface Call {
  method: string;
  /** Path with its query. */
  url: string;
  headers: http.IncomingHttpHeaders;
  body: string;
  receivedAt: number;
  kind: string;
  fault: CallFault | null;
  /** When the real server had responded; null when the call never reached it. */
  effectAt: number | null;
  answer: Answer | null;
  /** Why the real server gave no answer, such as `ECONNREFUSED`; null if it did, or was not asked. */
  failure: string | null;
  /** Whether the caller received the whole real response. */
  delivered: boolean;
}

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}
