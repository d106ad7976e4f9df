/**
 * Patterns of silences: `*` stands for any text, `\*` and `\\` for themselves, everything else for itself. There are no
 * regular expressions, so a match takes time in proportion to the text. Pure.
 */
export function fitsPattern(pattern: string, text: string): boolean {
  const pieces = piecesOf(pattern);
  const [first = ''] = pieces;
  if (pieces.length === 1) return text === first;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  const last = pieces.at(-1) ?? '';
  for (const piece of pieces.slice(1, -1)) {
    const at = text.indexOf(piece, from);
    if (at === -1) return false;
    from = at + piece.length;
  }
  return text.length - from >= last.length && text.endsWith(last);
}

/** A pattern is compared with many texts, and taken apart once. */
const known = new Map<string, readonly string[]>();
/** More than 500 active silences have. */
const MAX_KNOWN = 20_000;

function piecesOf(pattern: string): readonly string[] {
  const found = known.get(pattern);
  if (found) return found;
  if (known.size >= MAX_KNOWN) known.clear();
  const pieces = takenApart(pattern);
  known.set(pattern, pieces);
  return pieces;
}

/** The texts between the stars. */
function takenApart(pattern: string): string[] {
  const pieces = [''];
  for (const [token] of pattern.matchAll(/\\[\\*]|./gsu)) {
    if (token === '*') pieces.push('');
    else pieces.push((pieces.pop() ?? '') + (token.length > 1 && token.startsWith('\\') ? token.slice(1) : token));
  }
  return pieces;
}

/** The pattern that only this text fits. */
export const literal = (text: string): string => text.replace(/[\\*]/g, '\\$&');
