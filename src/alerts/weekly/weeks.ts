/** ISO weeks, which begin on Mondays at 00:00 UTC. Pure. */

export interface Week {
  /** `2026-W31`. */
  name: string;
  from: Date;
  to: Date;
}

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

/** The week of an instant. */
export function weekOf(at: Date): Week {
  const midnight = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate());
  const monday = midnight - ((at.getUTCDay() + 6) % 7) * DAY_MS;
  return { name: nameOf(monday), from: new Date(monday), to: new Date(monday + WEEK_MS) };
}

/** Null if there is no such week. */
export function weekNamed(name: string): Week | null {
  const [, year, number] = /^(\d{4})-W(\d{2})$/.exec(name) ?? [];
  if (year === undefined) return null;
  // The 4th of January is always in the first week.
  const first = weekOf(new Date(Date.UTC(Number(year), 0, 4))).from.getTime();
  const week = weekOf(new Date(first + (Number(number) - 1) * WEEK_MS));
  return week.name === name ? week : null;
}

export const weekBefore = ({ from }: Week): Week => weekOf(new Date(from.getTime() - 1));
export const weekAfter = ({ to }: Week): Week => weekOf(to);

/** A week belongs to the year of its Thursday. */
function nameOf(monday: number): string {
  const thursday = new Date(monday + 3 * DAY_MS);
  const year = thursday.getUTCFullYear();
  const number = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / WEEK_MS) + 1;
  return `${year}-W${String(number).padStart(2, '0')}`;
}
