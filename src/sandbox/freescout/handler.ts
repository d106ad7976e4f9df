import type { Input } from './jsonInput.ts';
import { paginate } from './list.ts';

export interface Call {
  params: Record<string, string | undefined>;
  input: Input;
}
export interface Answer {
  status: number;
  body?: object;
  /** Sent in the header `Resource-ID`. */
  resourceId?: number;
}
export type Handler = (call: Call) => Answer;

export const NO_CONTENT: Answer = { status: 204 };

/** One page of rows in the envelope that the API puts around every list. */
export function page<T>(name: string, rows: T[], input: Input, show: (row: T) => object): Answer {
  const { rows: shown, page: numbers } = paginate(rows, input);
  return { status: 200, body: { _embedded: { [name]: shown.map(show) }, page: numbers } };
}
