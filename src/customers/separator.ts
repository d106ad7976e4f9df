const SEPARATORS = { ';': 'semicolons', '\t': 'tabs', '|': 'vertical bars' };

/**
 * The error for the first line, up to this one, whose columns are separated by something else than commas; null if there is
 * none. A parser that expects commas reports the quotes of such a line, which says nothing about the cause.
 */
export function separatorError(content: string, upTo: number): string | null {
  const withoutQuoted = content.replace(/"[^"]*(?:"|$)/g, (quoted) => quoted.replace(/[^\r\n]/g, ''));
  const lines = withoutQuoted.split(/\r\n|\r|\n/).slice(0, upTo);
  const separators = lines.map(separatorOf);
  const index = separators.findIndex((separator) => separator !== null);
  return index === -1 ? null : `line ${index + 1}: ${useCommas(separators[index] as string)}`;
}

export const useCommas = (separator: string): string => `the columns are separated by ${separator}: use commas`;

/** The name of the separator that occurs most often in a line; null if there is none, or a comma beside it. */
export function separatorOf(line: string): string | null {
  if (line.includes(',')) return null;
  const counted = Object.entries(SEPARATORS).map(([separator, name]) => ({
    name,
    count: line.trim().split(separator).length - 1,
  }));
  const [most] = counted.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
  return most?.name ?? null;
}
