import { HTML_ESCAPES } from '../../machines/shared/escapes.ts';

/** HTML for tickets and notes. Foreign text is escaped where it enters a line, with `escaped`. */

/** HTML of one paragraph; null and '' are left out. */
export type Line = string | null;

export const paragraphs = (lines: readonly Line[]): string =>
  lines
    .filter((line) => line)
    // A table cannot be in a paragraph.
    .map((line) => (line?.startsWith('<table>') ? line : `<p>${line}</p>`))
    .join('\n');

export const utc = (at: string | Date): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

export const link = (href: string, text: string): string => `<a href="${escaped(href)}">${escaped(text)}</a>`;

export const isWebAddress = (text: string): boolean => /^https?:\/\//i.test(text);

/** Links a foreign address only if it is a web address. */
export const foreignLink = (url: string): string => (isWebAddress(url) ? link(url, url) : escaped(url));

const CHARACTERS = Object.fromEntries(Object.entries(HTML_ESCAPES).map(([character, entity]) => [entity, character]));

export const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => HTML_ESCAPES[c] ?? c);

/** The text of our own HTML. Links into the console are left out, with their labels. */
export const plainText = (html: string): string =>
  html
    .replace(/<a href="\/[^"]*">[^<]*<\/a>/g, '')
    .replaceAll('</td><td>', ': ')
    .replace(/<br>|<\/li>|<\/tr>/g, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => CHARACTERS[entity] ?? entity)
    .trim();
