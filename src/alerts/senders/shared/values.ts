import type { Fields } from './body.ts';

/** Small readings that several senders share. Pure. */

const textIn = (value: unknown): string | undefined => {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
};

/** The first of the values that is a text. */
export const firstText = (...values: unknown[]): string | undefined => {
  for (const value of values) {
    const text = textIn(value);
    if (text !== undefined) return text;
  }
  return undefined;
};

/** The number that was sent, also as a text; undefined for anything else, null and an empty text among them. */
export const numberIn = (value: unknown): number | undefined => {
  const sent = Number(textIn(value));
  return Number.isFinite(sent) ? sent : undefined;
};

/** Values as lines `name: value`; empty ones are left out. */
export const lines = (facts: Fields): string | undefined => {
  const shown = Object.entries(facts).flatMap(([name, value]) => {
    const text = typeof value === 'object' && value !== null ? JSON.stringify(value) : textIn(value);
    return text === undefined ? [] : [`${name}: ${text}`];
  });
  return shown.length === 0 ? undefined : shown.join('\n');
};

/** Texts in paragraphs; empty ones are left out. */
export const paragraphs = (...texts: (string | undefined)[]): string | undefined => {
  const shown = texts.filter((text) => text !== undefined && text !== '');
  return shown.length === 0 ? undefined : shown.join('\n\n');
};

/** Labels ordered by name, as an identity if the sender gives no other. */
export const labelIdentity = (labels: Fields): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .toSorted()
    .join('\n');

/** The label of this name, or else of its lower-case form: some adapters fold the names that a sender lets people write. */
export const labelNamed = (labels: Fields, name: string): unknown =>
  lookUp(labels, name) ?? lookUp(labels, name.toLowerCase());

/** The value for a word of the sender. `constructor` and the like are no entries. */
export const lookUp = <T>(map: Readonly<Record<string, T>>, word: string): T | undefined =>
  Object.hasOwn(map, word) ? map[word] : undefined;
