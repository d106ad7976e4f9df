import type { JSX } from 'preact';
import type { Days, Tile } from '../../model/surfaces.ts';
import { formatLatency } from './time.tsx';
import { useViewer } from './viewerContext.ts';

/** Small SVG charts of the availability and latency of a surface, each with a description for screen readers. */

const SLOT = 3;
/** The vertical centre of the bar of each kind of day. Worse days have taller bars, so that colour is not needed. */
const MIDDLE: Record<string, number> = { d: 10, s: 8, o: 10, m: 10, '-': 10 };
const KINDS: Record<string, string> = { d: 'down', s: 'degraded', o: 'operational', m: 'maintenance', '-': 'no-data' };
const DAY_MS = 86_400_000;

/** One bar per day, oldest on the left. All days of a kind are one dashed path, so that a thousand charts stay small. */
export function DayBars({ days }: { days: Days }): JSX.Element {
  const { now } = useViewer();
  const { letters } = days;
  const kinds = Object.keys(KINDS).filter((letter) => letters.includes(letter));
  return (
    <svg
      class="bars"
      viewBox={`0 0 ${letters.length * SLOT} 20`}
      preserveAspectRatio="none"
      role="img"
      aria-label={describeDays(days, now)}
    >
      {kinds.map((letter) => (
        <path key={letter} class={KINDS[letter]} d={dayBarPath(letters, letter)} />
      ))}
    </svg>
  );
}

/** Each run of equal letters is one stroke; its dashes are the bars. */
function dayBarPath(letters: string, letter: string): string {
  const runs = letters.matchAll(new RegExp(`${letter}+`, 'g'));
  return [...runs].map(({ index, 0: run }) => `M${index * SLOT} ${MIDDLE[letter]}h${run.length * SLOT - 1}`).join('');
}

/** `99.31 % over 30 days`: only days with data count. `brief`: without the number of days. */
export function Uptime({
  days: { uptime, known },
  brief = false,
}: {
  days: Days;
  brief?: boolean;
}): JSX.Element | null {
  if (known === 0) return <span class="uptime quiet">no data yet</span>;
  const span = known === 1 ? '1 day' : `${known} days`;
  return (
    <span
      class="uptime"
      title={uptime === null ? undefined : `Up at ${uptime} % of all checks on the ${span} with data`}
    >
      {uptime === null ? '–' : `${uptime} %`} {brief ? null : <span class="quiet">over {span}</span>}
    </span>
  );
}

/** The bars as text: `Last 90 days: up 99.31 %. Down on 3 days, last on 2026-11-21. No data for 60 days.` */
export function describeDays({ letters, uptime, known }: Days, now: Date): string {
  const share = known === 0 ? 'no data' : uptime === null ? 'no percentage yet' : `up ${uptime} %`;
  const sentences = [`Last ${letters.length} days: ${share}.`];
  const describe = (letter: string, kind: string) => {
    const count = letters.split(letter).length - 1;
    if (count === 0) return;
    const last = now.getTime() - (letters.length - 1 - letters.lastIndexOf(letter)) * DAY_MS;
    sentences.push(
      `${kind} on ${count} ${count === 1 ? 'day' : 'days'}, last on ${new Date(last).toISOString().slice(0, 10)}.`,
    );
  };
  describe('d', 'Down');
  describe('s', 'Degraded');
  describe('m', 'Maintenance only');
  const unknown = letters.split('-').length - 1;
  if (unknown > 0 && uptime !== null) sentences.push(`No data for ${unknown} ${unknown === 1 ? 'day' : 'days'}.`);
  return sentences.join(' ');
}

const HEIGHT = 20;
const STEP = 3;
const CHECKS = 30;

/** The latencies of the last checks, starting at zero; a tall stroke is a check without a response. */
export function Sparkline({ recent }: Pick<Tile, 'recent'>): JSX.Element | null {
  const answers = recent.filter((ms) => ms !== null);
  if (recent.length < 2) return null;
  const top = Math.max(1, ...answers);
  const left = (CHECKS - recent.length) * STEP;
  const failed = recent.flatMap((ms, n) => (ms === null ? [`M${left + n * STEP} 2v16`] : []));
  return (
    <svg class="spark" viewBox={`0 0 ${CHECKS * STEP} ${HEIGHT}`} role="img" aria-label={describeLatencies(recent)}>
      {answers.length === 0 ? null : <path d={latencyPath(recent, left, top)} />}
      {failed.length === 0 ? null : <path class="failed" d={failed.join('')} />}
    </svg>
  );
}

/** The line breaks at checks without a response. Whole coordinates keep the path short. */
function latencyPath(recent: readonly (number | null)[], left: number, top: number): string {
  let path = '';
  let before: number | null = null;
  for (const [n, ms] of recent.entries()) {
    const y: number | null = ms === null ? null : HEIGHT - 2 - Math.round((ms / top) * (HEIGHT - 4));
    if (y !== null) path += before === null ? `M${left + n * STEP} ${y}h1` : `L${left + n * STEP} ${y}`;
    before = y;
  }
  return path;
}

function describeLatencies(recent: readonly (number | null)[]): string {
  const answers = recent.filter((ms) => ms !== null);
  const missing = recent.length - answers.length;
  const lost = missing === 0 ? '' : `${missing} got no response`;
  if (answers.length === 0) return `Latency: none of the last ${recent.length} checks got a response.`;
  const [least, most] = [Math.min(...answers), Math.max(...answers)];
  const range = least === most ? formatLatency(least) : `${formatLatency(least)} to ${formatLatency(most)}`;
  return `Latency of the last ${recent.length} checks: ${[range, lost].filter(Boolean).join('; ')}.`;
}
