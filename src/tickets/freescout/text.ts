/** FreeScout allows longer subjects, but they are unreadable in a list. The marker is at the front and is never cut. */
const MAX_SUBJECT_CHARACTERS = 200;
/** Bodies of several megabytes break FreeScout's own pages. */
const MAX_HTML_BYTES = 100 * 1024;
const SHORTENED = '<p>(shortened)</p>';

/** One line of at most 200 characters, cut at the end of a word where possible. */
export function fitSubject(text: string): string {
  const characters = [...text.replace(/[\s\p{Cc}]+/gu, ' ').trim()];
  if (characters.length <= MAX_SUBJECT_CHARACTERS) return characters.join('');
  const kept = characters.slice(0, MAX_SUBJECT_CHARACTERS - 1).join('');
  const space = kept.lastIndexOf(' ');
  return `${space > kept.length - 30 ? kept.slice(0, space) : kept}…`;
}

/** HTML of at most 100 KiB, never cut within a tag, a character reference or a character. */
export function fitHtml(html: string): string {
  const bytes = Buffer.from(html);
  if (bytes.length <= MAX_HTML_BYTES) return html;
  const kept = new TextDecoder().decode(bytes.subarray(0, MAX_HTML_BYTES - SHORTENED.length), { stream: true });
  // FreeScout's purifier closes open elements, but half a tag would swallow the text after it.
  return `${kept.replace(/<[^>]*$/, '').replace(/&[^;\s]{0,10}$/, '')}${SHORTENED}`;
}
