import { createHash } from 'node:crypto';
import { INVISIBLE } from '../../log/invisible.ts';
import { maskSecrets } from '../../log/secretTexts.ts';

/** Reads the fields of an alert leniently: a text that is too long or cannot be stored is never a reason to refuse it. */

/** A field as it was read; `warning` where it is not what the sender sent. */
export interface ReadField<T> {
  value: T | null;
  warning?: string;
}

const NOTHING = { value: null } as const;
// Postgres cannot store NUL, and a lone surrogate is not valid text.
const UNSTORABLE = new RegExp(`[^\\P{Cc}\\n\\t]|\\p{Cs}|[${INVISIBLE}]`, 'gu');
// Most texts have nothing to clean, which these find out much faster than the cleaning itself.
const MAY_NEED_CLEANING = /[^\n\t -~]/;
const MAY_NEED_JOINING = /[^ -~]|^ | {2}| $/;
const NOT_IN_AN_ID = new RegExp(`[\\p{Cc}\\p{Cs}${INVISIBLE}]`, 'u');

const isAbsent = (sent: unknown): boolean => sent === undefined || sent === null || sent === '';

/** Numbers count as their digits. */
function textOf(sent: unknown): string | null {
  if (typeof sent === 'string') return maskSecrets(sent);
  return typeof sent === 'number' && Number.isFinite(sent) ? String(sent) : null;
}

/** Text of at most `longest` characters; a longer one ends with `…`. */
function shortened(text: string, longest: number): ReadField<string> {
  // A character is at most two units, so most texts need not be taken apart.
  if (text.length <= longest) return { value: text };
  const characters = [...text.slice(0, 2 * longest + 2)];
  if (characters.length <= longest) return { value: text };
  return { value: `${characters.slice(0, longest - 1).join('')}…`, warning: `cut to ${longest} characters` };
}

/** Null for a value that is nested too deeply. */
function jsonOf(sent: unknown): string | null {
  try {
    return maskSecrets(JSON.stringify(sent));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Keeps line breaks. */
export function readText(sent: unknown, longest: number): ReadField<string> {
  if (isAbsent(sent)) return NOTHING;
  const text = textOf(sent) ?? jsonOf(sent);
  if (text === null) return { value: null, warning: 'ignored: nested too deeply' };
  const clean = MAY_NEED_CLEANING.test(text) ? text.replaceAll('\r\n', '\n').replace(UNSTORABLE, '') : text;
  return clean.trim() === '' ? NOTHING : shortened(clean, longest);
}

/** Any white space counts as one space. */
export function readLine(sent: unknown, longest: number): ReadField<string> {
  const text = isAbsent(sent) ? null : textOf(sent);
  const clean = joined(text ?? '');
  if (clean !== '') return shortened(clean, longest);
  return text === null && !isAbsent(sent) ? { value: null, warning: 'ignored: not a text' } : NOTHING;
}

const joined = (text: string): string =>
  MAY_NEED_JOINING.test(text) ? text.replace(/\s+/g, ' ').replace(UNSTORABLE, '').trim() : text;

/** An address that is cut leads nowhere, so one that is too long is left out. */
export function readUrl(sent: unknown, longest: number): ReadField<string> {
  if (isAbsent(sent)) return NOTHING;
  const text = typeof sent === 'string' ? maskSecrets(sent).trim() : '';
  if (text === '') return typeof sent === 'string' ? NOTHING : { value: null, warning: 'ignored: not a text' };
  if (text.length > longest) return { value: null, warning: `ignored: longer than ${longest} characters` };
  if (NOT_IN_AN_ID.test(text)) return { value: null, warning: 'ignored: contains control characters' };
  return { value: text };
}

/** JSON numbers of this size are rounded when they are read, so that two ids may become one. */
const ROUNDED = 'rounded: a number of more than 15 digits is not exact; send it as a text';

/** Ids that are too long, or cannot be stored, are replaced by their SHA-256, which is as unique as they are. */
export function readAlertId(sent: unknown, longest: number): ReadField<string> {
  const id = (textOf(sent) ?? '').trim();
  if (id === '') return NOTHING;
  const digest = (why: string): ReadField<string> => ({
    value: createHash('sha256').update(id).digest('hex'),
    warning: `replaced by its SHA-256: ${why}`,
  });
  if (NOT_IN_AN_ID.test(id)) return digest('contains control characters');
  if (typeof sent === 'number' && Math.abs(sent) > Number.MAX_SAFE_INTEGER) return { value: id, warning: ROUNDED };
  return id.length > longest && [...id].length > longest ? digest(`longer than ${longest} characters`) : { value: id };
}

const WITH_OFFSET = /(?:[zZ]|[+-]\d\d:?\d\d)$/;
const DATE_TIME = /^\d{4}-\d\d-\d\d[tT ]\d\d:\d\d/;

/** The clock of a device without a battery begins in 1970 or 2000: its times cannot be compared with later ones. */
const EARLIEST = Date.UTC(2020, 0);

/** A time as RFC 3339; without an offset it is UTC. Senders write a time in the distant past for "not yet". */
export function readInstant(sent: unknown): ReadField<string> {
  if (isAbsent(sent)) return NOTHING;
  const text = typeof sent === 'string' ? sent.trim() : '';
  const at = DATE_TIME.test(text) ? Date.parse(WITH_OFFSET.test(text) ? text : `${text}Z`) : Number.NaN;
  if (Number.isNaN(at)) return { value: null, warning: 'ignored: not a time such as 2026-05-05T14:30:00Z' };
  if (at <= 0) return NOTHING;
  if (at < EARLIEST) return { value: null, warning: 'ignored: a time before 2020, as of a clock that is not set' };
  return { value: new Date(at).toISOString() };
}

export const MAX_LABELS = 64;
/** More than any sender has; a body of 8 MiB has room for a million, which would block the process for seconds. */
const MAX_LABELS_READ = 1_000;
const LABEL_NAME_LENGTH = 100;
const LABEL_LENGTH = 1_000;

/** Ordered by name, so that the same labels in another order are no change. */
export function readLabels(sent: unknown): ReadField<Record<string, string>> {
  if (isAbsent(sent)) return NOTHING;
  if (typeof sent !== 'object' || Array.isArray(sent)) return { value: null, warning: 'ignored: not an object' };
  const all = sent as Record<string, unknown>;
  const names = Object.keys(all);
  const labels: [string, string][] = [];
  let altered = names.length > MAX_LABELS_READ;
  for (const name of names.slice(0, MAX_LABELS_READ)) {
    const [label, text] = [readLine(name, LABEL_NAME_LENGTH), readText(all[name], LABEL_LENGTH)];
    altered ||= label.warning !== undefined || text.warning !== undefined;
    if (label.value !== null && text.value !== null) labels.push([label.value, text.value]);
  }
  const kept = labels.toSorted(([a], [b]) => (a < b ? -1 : 1)).slice(0, MAX_LABELS);
  altered ||= kept.length < labels.length;
  return {
    value: kept.length === 0 ? null : Object.fromEntries(kept),
    ...(altered ? { warning: `cut to ${MAX_LABELS} labels of ${LABEL_LENGTH} characters` } : {}),
  };
}
