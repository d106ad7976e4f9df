import { INVISIBLE } from '../log/invisible.ts';

const ANY = new RegExp(`[${INVISIBLE}]`, 'u');
const EACH = new RegExp(ANY, 'gu');

/** A tag, and the text up to the next one. Rendered text has no `<`, and rendered attributes have no `"`. */
const TAG_AND_TEXT = /(<[^">]*(?:"[^"]*"[^">]*)*>)?([^<]*)/g;
const ATTRIBUTE = / ([^ "=>]+)="([^"]*)"/g;
/** Attributes that are read as text. Addresses and values of fields are sent back, so they stay as they are. */
const READ = new Set(['title', 'aria-label', 'placeholder']);

/**
 * Rendered HTML in which a reader sees the characters that reorder or hide other text, such as `[U+202E]`. What a
 * `textarea` contains stays as it is, so that saving it changes nothing else.
 */
export function spellInvisible(html: string): string {
  // Nearly every page has none, which this finds out much faster.
  if (!ANY.test(html)) return html;
  return html.replace(TAG_AND_TEXT, (_whole, tag: string | undefined = '', text: string) =>
    tag.startsWith('<textarea') ? `${spellAttributes(tag)}${text}` : `${spellAttributes(tag)}${spell(text)}`,
  );
}

const spellAttributes = (tag: string): string =>
  ANY.test(tag)
    ? tag.replace(ATTRIBUTE, (whole, name: string, value: string) =>
        READ.has(name) ? ` ${name}="${spell(value)}"` : whole,
      )
    : tag;

const spell = (text: string): string => text.replace(EACH, nameOf);

/** As the Unicode standard writes a code point. */
const nameOf = (character: string): string =>
  `[U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`;
