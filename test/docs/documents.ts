import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/lib/packageRoot.ts';

/** The text of a file of this project, by its path from the project's folder. */
export const read = (path: string): string => readFileSync(join(packageRoot, path), 'utf8');

/** The names of the folders directly in a folder of this project, sorted. */
export const foldersIn = (path: string): string[] =>
  readdirSync(join(packageRoot, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();

/** The path of every document in Markdown: those of the project's own folder and those under docs/. */
export const documents: readonly string[] = [
  ...readdirSync(packageRoot).filter(isDocument),
  ...readdirSync(join(packageRoot, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter(isDocument)
    .map((path) => `docs/${path}`),
].toSorted();

function isDocument(name: string): boolean {
  return name.endsWith('.md');
}

/** The lines of a section, from its heading to the next one of the same level. */
export function section(markdown: string, heading: string): string {
  const from = markdown.indexOf(`\n${heading}\n`);
  if (from < 0) throw new Error(`no section "${heading}"`);
  const level = heading.split(' ')[0];
  const to = markdown.indexOf(`\n${level} `, from + heading.length);
  return markdown.slice(from, to < 0 ? undefined : to);
}
