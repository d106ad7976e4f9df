import { NotUnderstood, type SenderRequest } from '../sender.ts';

/** Reads the bodies of senders. Pure. */

export type Fields = Record<string, unknown>;

export const contentType = ({ headers }: SenderRequest): string =>
  (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

const CHARSET = /charset\s*=\s*["']?([\w.:-]+)["']?/i;

/** The content type of the same text in UTF-8. */
export const asUtf8 = (contentType: string): string => contentType.replace(CHARSET, 'charset=utf-8');

export function textOf({ headers, body }: SenderRequest): string {
  const named = CHARSET.exec(headers['content-type'] ?? '')?.[1];
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

/** More than any sender has; a body of 8 MiB has room for millions, which would block the process for seconds. */
const MAX_FIELDS = 1_000;

const tooMany = () => new NotUnderstood(`The form has more than ${MAX_FIELDS} fields.`);

/** Query string or form; of a repeated name the last value counts. */
export function formFields(text: string): Record<string, string> {
  if (text.split('&', MAX_FIELDS + 1).length > MAX_FIELDS) throw tooMany();
  return Object.fromEntries(new URLSearchParams(text));
}

/** The text fields of a multipart body; files are left out. */
export function multipartFields(request: SenderRequest): Record<string, string> {
  const boundary = /boundary="?([^";]+)/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) throw new NotUnderstood('The multipart body names no boundary.');
  // One piece stands before the first field, and one behind the last.
  const most = MAX_FIELDS + 2;
  const parts = textOf(request).split(`--${boundary}`, most + 1);
  if (parts.length > most) throw tooMany();
  return Object.fromEntries(parts.flatMap(fieldIn));
}

/** The name and value of a part. */
function fieldIn(part: string): [string, string][] {
  const gap = /\r?\n\r?\n/.exec(part);
  const [head, value] = gap === null ? [part, ''] : [part.slice(0, gap.index), part.slice(gap.index + gap[0].length)];
  const name = /[;\s]name="([^"]*)"/i.exec(dispositionIn(head))?.[1];
  return name === undefined ? [] : [[name, value.replace(/\r?\n$/, '')]];
}

const MAX_HEAD = 4_096;

/** Line by line: one expression over the whole head takes quadratic time where the header's name is repeated. */
const dispositionIn = (head: string): string =>
  head
    .slice(0, MAX_HEAD)
    .split('\n')
    .find((line) => /^\s*content-disposition:/i.test(line)) ?? '';
