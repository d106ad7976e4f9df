import { NotUnderstood, type SenderRequest } from '../sender.ts';

/** Reads the bodies of senders. Pure. */

export type Fields = Record<string, unknown>;

const CHARSETS: Record<string, string> = { 'utf-8': 'utf-8', utf8: 'utf-8', 'iso-8859-1': 'latin1', latin1: 'latin1' };

export const contentType = ({ headers }: SenderRequest): string =>
  (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

export function textOf({ headers, body }: SenderRequest): string {
  const named = /charset="?([\w.-]+)/i.exec(headers['content-type'] ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  return new TextDecoder(CHARSETS[named] ?? 'utf-8').decode(body);
}

/** An object from JSON. Throws NotUnderstood for anything else. */
export function jsonObject(request: SenderRequest): Fields {
  const value = parsed(textOf(request));
  if (!isFields(value)) throw new NotUnderstood('The body is not a JSON object.');
  return value;
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NotUnderstood('The body is not valid JSON.', { cause: error });
  }
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

/** Query string or form; of a repeated name the last value counts. */
export const formFields = (text: string): Record<string, string> => Object.fromEntries(new URLSearchParams(text));

/** The text fields of a multipart body; files are left out. */
export function multipartFields(request: SenderRequest): Record<string, string> {
  const boundary = /boundary="?([^";]+)/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) throw new NotUnderstood('The multipart body names no boundary.');
  const fields: [string, string][] = [];
  for (const part of textOf(request).split(`--${boundary}`)) {
    const [head, ...rest] = part.split(/\r?\n\r?\n/);
    const name = /[;\s]name="([^"]*)"/i.exec(dispositionIn(head ?? ''))?.[1];
    if (name !== undefined) fields.push([name, rest.join('\r\n\r\n').replace(/\r?\n$/, '')]);
  }
  return Object.fromEntries(fields);
}

const MAX_HEAD = 4_096;

/** Line by line: one expression over the whole head takes quadratic time where the header's name is repeated. */
const dispositionIn = (head: string): string =>
  head
    .slice(0, MAX_HEAD)
    .split('\n')
    .find((line) => /^\s*content-disposition:/i.test(line)) ?? '';
