/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** Interpolated between the two nearest values; NaN without values. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

export interface Summary {
  median: number;
  least: number;
  most: number;
}

export function summary(values: readonly number[]): Summary {
  return { median: median(values), least: percentile(values, 0), most: percentile(values, 100) };
}

/** Three significant digits, with separators of thousands. */
export function formatted(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

/** `4.2 (3.9 to 5)`: the median and the spread. */
export function formattedSummary({ median: middle, least, most }: Summary): string {
  if (formatted(least) === formatted(most)) return formatted(middle);
  return `${formatted(middle)} (${formatted(least)} to ${formatted(most)})`;
}
