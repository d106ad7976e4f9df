import { NotUnderstood, type SenderRequest } from '../sender.ts';

/** Reads the bodies of senders. Pure. */

export type Fields = Record<string, unknown>;

export const contentType = ({ headers }: SenderRequest): string =>
  (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

export function textOf({ headers, body }: SenderRequest): string {
  const named = /charset\s*=\s*["']?([\w.:-]+)/i.exec(headers['content-type'] ?? '')?.[1];
  return decoderFor(named).decode(body);
}

/** By the names that browsers know, such as windows-1252 and utf-16; UTF-8 for any other. */
function decoderFor(charset = 'utf-8'): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    // An unknown name: the text is most likely readable all the same.
    return new TextDecoder();
  }
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
