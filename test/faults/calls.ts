import type http from 'node:http';
import type { CallFault } from './faultMix.ts';

/** One call as it passes through. */
export interface Call {
  method: string;
  /** Path with its query. */
  url: string;
  headers: http.IncomingHttpHeaders;
  body: string;
  receivedAt: number;
  kind: string;
  fault: CallFault | null;
  /** When the real server had done it; null where it was never asked. */
  effectAt: number | null;
  answer: Answer | null;
  /** The real answer was handed to the caller whole. */
  delivered: boolean;
}

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}
