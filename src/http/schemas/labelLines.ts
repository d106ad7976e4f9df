import type { Fault } from '../../lib/problem.ts';

/** The labels of a silence as its form has them: one in each line, `name=pattern`. Pure. */

interface ReadLabels {
  labels: Record<string, string>;
  faults: Fault[];
}

/** Spaces around a name or a pattern do not count, except within double quotes around the pattern. */
export function readLabelLines(text: string): ReadLabels {
  const labels = new Map<string, string>();
  const faults: Fault[] = [];
  const refuse = (message: string): void => void faults.push({ field: 'matchers.labels', message });
  for (const [n, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const at = line.indexOf('=');
    const name = line.slice(0, Math.max(at, 0)).trim();
    if (name === '') refuse(`Expected name=value in line ${n + 1}`);
    else if (labels.has(name)) refuse(`Expected each label once; line ${n + 1} repeats ${name}`);
    else labels.set(name, unquoted(line.slice(at + 1).trim()));
  }
  return { labels: Object.fromEntries(labels), faults };
}

/** A line that is read as exactly this pattern. */
export const labelLine = (name: string, pattern: string): string =>
  `${name}=${unquoted(pattern.trim()) === pattern ? pattern : `"${pattern}"`}`;

const unquoted = (pattern: string): string => /^"(.*)"$/su.exec(pattern)?.[1] ?? pattern;
