/**
 * Characters that reorder text or take no place, of which a reader sees nothing, as a part of a character class. The joiners
 * U+200C and U+200D belong to scripts and emoji.
 */
export const INVISIBLE =
  '\\u00ad\\u061c\\u180e\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u2064\\u2066-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}';

const ANY = new RegExp(`[${INVISIBLE}]`, 'gu');

/** Foreign text as a reader sees it. */
export const withoutInvisible = (text: string): string => text.replace(ANY, '');

/** JSON leaves DEL and the C1 controls as they are, and some terminals obey them. */
const OBEYED = '\\u007f-\\u009f';
const SPELLED_OUT = new RegExp(`[${OBEYED}${INVISIBLE}]`, 'gu');

/** The same JSON, in which these characters are escapes, which a reader sees. */
export const spelledOut = (json: string): string => json.replace(SPELLED_OUT, escapes);

function escapes(character: string): string {
  return [...Array(character.length).keys()]
    .map((unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`)
    .join('');
}
