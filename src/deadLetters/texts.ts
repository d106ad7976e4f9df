import type { DeadLetter } from '../model/deadLetters.ts';

/** The texts of a dead letter that people edit in fields of their own, instead of in JSON. Pure. */

interface LetterText {
  /** Its place in the payload: `body.title`. */
  path: string;
  value: string;
}

interface LetterTexts {
  subject: LetterText | null;
  body: LetterText | null;
}

type Letter = Pick<DeadLetter, 'kind' | 'payload'>;

/** By the kind of the dead letter. Of several places the first that has a text counts. */
const PLACES: Record<string, Record<keyof LetterTexts, readonly string[]>> = {
  ticket: { subject: ['subject'], body: ['body'] },
  message: { subject: ['body.title'], body: ['body.details'] },
  note: { subject: ['about.title', 'about.name'], body: ['about.reason'] },
};

/** A text that is null as long as it is empty. */
const MAY_BE_EMPTY = new Set(['body.details']);

/** Null for a text that this dead letter does not have. */
export function textsOf({ kind, payload }: Letter): LetterTexts {
  const places = PLACES[kind];
  const find = (paths: readonly string[] = []): LetterText | null => {
    for (const path of paths) {
      const value = valueAt(payload, path.split('.'));
      if (typeof value === 'string') return { path, value };
      if (value === null && MAY_BE_EMPTY.has(path)) return { path, value: '' };
    }
    return null;
  };
  return { subject: find(places?.subject), body: find(places?.body) };
}

/** The payload with other texts. What the dead letter does not have is left out. */
export function withTexts(letter: Letter, typed: Record<keyof LetterTexts, string>): unknown {
  const { subject, body } = textsOf(letter);
  let payload = letter.payload;
  if (subject) payload = replaced(payload, subject.path.split('.'), typed.subject);
  // Nothing was filled in if there was nothing.
  const isEmpty = body?.value === '' && typed.body === '';
  if (body && !isEmpty) payload = replaced(payload, body.path.split('.'), typed.body);
  return payload;
}

/** Whether the two texts are all that the payload has. */
export const areWhole = ({ kind }: Letter): boolean => kind === 'ticket';

function valueAt(value: unknown, path: readonly string[]): unknown {
  const [field, ...rest] = path;
  if (field === undefined) return value;
  return isRecord(value) && Object.hasOwn(value, field) ? valueAt(value[field], rest) : undefined;
}

function replaced(value: unknown, path: readonly string[], text: string): unknown {
  const [field, ...rest] = path;
  if (field === undefined || !isRecord(value)) return text;
  return { ...value, [field]: replaced(value[field], rest, text) };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
