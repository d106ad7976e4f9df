/**
 * Patterns of silences: `*` stands for any text, `\*` and `\\` for themselves, everything else for itself. There are no
 * regular expressions, so a match takes time in proportion to the text. Pure.
 */
export function fitsPattern(pattern: string, text: string): boolean {
  const [first = '', ...others] = piecesOf(pattern);
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const piece of others) {
    const at = text.indexOf(piece, from);
    if (at === -1) return false;
    from = at + piece.length;
  }
  return text.length - from >= last.length && text.endsWith(last);
}

/** The texts between the stars. */
function piecesOf(pattern: string): string[] {
  const pieces = [''];
  for (const [token] of pattern.matchAll(/\\[\\*]|./gsu)) {
    if (token === '*') pieces.push('');
    else pieces.push((pieces.pop() ?? '') + (token.length > 1 && token.startsWith('\\') ? token.slice(1) : token));
  }
  return pieces;
}

/** The pattern that only this text fits. */
export const literal = (text: string): string => text.replace(/[\\*]/g, '\\$&');
