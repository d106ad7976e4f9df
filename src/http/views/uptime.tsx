import type { JSX } from 'preact';
import type { Days, Tile } from '../../model/surfaces.ts';
import { latency } from './time.tsx';
import { useViewer } from './viewerContext.ts';

/** The past of a surface as small pictures: drawn here as SVG, and said in words for those who do not see them. */

const SLOT = 3;
/** Where the bar of each kind of day stands: what was worse sticks out further, so that colour is not needed. */
const MIDDLE: Record<string, number> = { d: 10, s: 8, o: 10, m: 10, '-': 10 };
const KINDS: Record<string, string> = { d: 'down', s: 'degraded', o: 'operational', m: 'maintenance', '-': 'nothing' };
const DAY_MS = 86_400_000;

/** One bar for each day, the oldest to the left. Days of a kind are one dashed line, so that a thousand of these stay light. */
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
      aria-label={daysInWords(days, now)}
    >
      {kinds.map((letter) => (
        <path key={letter} class={KINDS[letter]} d={lineOf(letters, letter)} />
      ))}
    </svg>
  );
}

/** Each run of the same letter is one stroke; its dashes are the bars. */
function lineOf(letters: string, letter: string): string {
  const runs = letters.matchAll(new RegExp(`${letter}+`, 'g'));
  return [...runs].map(({ index, 0: run }) => `M${index * SLOT} ${MIDDLE[letter]}h${run.length * SLOT - 1}`).join('');
}

/** `99.31 % in 30 days`: never more days than anything is known of. */
export function Uptime({ days: { uptime, known } }: { days: Days }): JSX.Element | null {
  if (known === 0) return <span class="uptime quiet">no past yet</span>;
  const span = known === 1 ? '1 day' : `${known} days`;
  return (
    <span class="uptime" title={`Up at ${uptime ?? 0} % of the checks on the ${span} that are known`}>
      {uptime === null ? '–' : `${uptime} %`} <span class="quiet">{span}</span>
    </span>
  );
}

/** What the bars show: `Last 90 days: up 99.31 %. Down on 3 days, last on 2026-11-21. Nothing known of 60 days.` */
export function daysInWords({ letters, uptime }: Days, now: Date): string {
  const said = [`Last ${letters.length} days: ${uptime === null ? 'nothing known' : `up ${uptime} %`}.`];
  const on = (letter: string, what: string) => {
    const count = letters.split(letter).length - 1;
    if (count === 0) return;
    const last = now.getTime() - (letters.length - 1 - letters.lastIndexOf(letter)) * DAY_MS;
    said.push(
      `${what} on ${count} ${count === 1 ? 'day' : 'days'}, last on ${new Date(last).toISOString().slice(0, 10)}.`,
    );
  };
  on('d', 'Down');
  on('s', 'Degraded');
  on('m', 'In maintenance only');
  const unknown = letters.split('-').length - 1;
  if (unknown > 0 && uptime !== null) said.push(`Nothing known of ${unknown} ${unknown === 1 ? 'day' : 'days'}.`);
  return said.join(' ');
}

const HEIGHT = 20;
const STEP = 3;
const CHECKS = 30;

/** The latencies of the last checks, from zero up; a tall stroke where no answer came. */
export function Sparkline({ recent }: Pick<Tile, 'recent'>): JSX.Element | null {
  const answers = recent.filter((ms) => ms !== null);
  if (recent.length < 2) return null;
  const top = Math.max(1, ...answers);
  const left = (CHECKS - recent.length) * STEP;
  const failed = recent.flatMap((ms, n) => (ms === null ? [`M${left + n * STEP} 2v16`] : []));
  return (
    <svg class="spark" viewBox={`0 0 ${CHECKS * STEP} ${HEIGHT}`} role="img" aria-label={latenciesInWords(recent)}>
      {answers.length === 0 ? null : <path d={curve(recent, left, top)} />}
      {failed.length === 0 ? null : <path class="failed" d={failed.join('')} />}
    </svg>
  );
}

/** Whole steps of a sixteenth of the height; the line breaks where an answer is missing. */
function curve(recent: readonly (number | null)[], left: number, top: number): string {
  let path = '';
  let before: number | null = null;
  for (const [n, ms] of recent.entries()) {
    const y: number | null = ms === null ? null : HEIGHT - 2 - Math.round((ms / top) * (HEIGHT - 4));
    if (y !== null) path += before === null ? `M${left + n * STEP} ${y}h1` : `L${left + n * STEP} ${y}`;
    before = y;
  }
  return path;
}

function latenciesInWords(recent: readonly (number | null)[]): string {
  const answers = recent.filter((ms) => ms !== null);
  const missing = recent.length - answers.length;
  const lost = missing === 0 ? '' : `${missing} got no answer`;
  if (answers.length === 0) return `Latency: none of the last ${recent.length} checks got an answer.`;
  const [least, most] = [Math.min(...answers), Math.max(...answers)];
  const range = least === most ? latency(least) : `${latency(least)} to ${latency(most)}`;
  return `Latency of the last ${recent.length} checks: ${[range, lost].filter(Boolean).join('; ')}.`;
}
