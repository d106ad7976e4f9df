import { fold } from './data.ts';

/**
 * SQL `LIKE '%wanted%'` as FreeScout builds it: `%` and `_` in the wanted text stay wildcards,
 * a backslash escapes them, case and accents are ignored.
 */
export function isLike(text: string, wanted: string): boolean {
  return matches([...fold(text)], patternOf(`%${wanted}%`));
}

type Piece = 'any' | 'one' | { letter: string };

function patternOf(wanted: string): Piece[] {
  const pieces: Piece[] = [];
  const letters = [...fold(wanted)];
  for (let index = 0; index < letters.length; index += 1) {
    const letter = letters[index] ?? '';
    const next = letters[index + 1];
    if (letter === '\\' && next !== undefined && index + 2 < letters.length) {
      pieces.push({ letter: next });
      index += 1;
    } else if (letter === '%') {
      if (pieces.at(-1) !== 'any') pieces.push('any');
    } else {
      pieces.push(letter === '_' ? 'one' : { letter });
    }
  }
  return pieces;
}

/** Backtracks only to the latest `%`, which is sufficient and fast. */
function matches(text: string[], pattern: Piece[]): boolean {
  let at = 0;
  let piece = 0;
  let back: { piece: number; at: number } | null = null;
  while (at < text.length) {
    const wanted = pattern[piece];
    if (wanted === 'any') {
      back = { piece, at };
      piece += 1;
    } else if (wanted !== undefined && (wanted === 'one' || wanted.letter === text[at])) {
      at += 1;
      piece += 1;
    } else if (back) {
      back.at += 1;
      at = back.at;
      piece = back.piece + 1;
    } else {
      return false;
    }
  }
  return pattern.slice(piece).every((rest) => rest === 'any');
}
