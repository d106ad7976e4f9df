import { SETTINGS } from './read.ts';
import { SECRET_SETTINGS } from './secretFiles.ts';

/** Shorter names, such as HOST, resemble too many variables of platforms. */
const SHORTEST = 8;
const LONG = 12;

/**
 * Sentences about variables that no part of the program reads but whose names resemble a setting that is unset. A
 * variable beside the setting that it resembles is taken for somebody else's.
 */
export function misspeltSettings(env: NodeJS.ProcessEnv, given: ReadonlySet<string>): string[] {
  const settings = SETTINGS.map(({ variable }) => variable);
  const known = new Set([...settings, ...SECRET_SETTINGS.map((secret) => `${secret}_FILE`)]);
  const unset = settings.filter((variable) => variable.length >= SHORTEST && !given.has(variable));
  return Object.keys(env).flatMap((name) => {
    if (known.has(name) || (env[name]?.trim() ?? '') === '') return [];
    const meant = nearest(name, unset);
    return meant === null ? [] : [`${name} is not a setting of this program: ${meant} may be meant.`];
  });
}

function nearest(name: string, settings: readonly string[]): string | null {
  const [best] = settings
    .map((setting) => ({ setting, distance: editDistance(name, setting) }))
    .filter(({ setting, distance }) => distance <= tolerance(name, setting))
    .sort((a, b) => a.distance - b.distance);
  return best?.setting ?? null;
}

/** More if the first word, such as FREESCOUT, is the same. */
function tolerance(name: string, setting: string): number {
  const [word] = setting.split('_', 1);
  const isSameWord = setting.length >= LONG && name.startsWith(`${word}_`);
  return Math.floor(setting.length / (isSameWord ? 3 : 6));
}

/** How many characters have to be added, removed or replaced to turn one text into the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, character] of [...from].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (row[column - 1] as number) + (character === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] as number) + 1, (next[column - 1] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
}
