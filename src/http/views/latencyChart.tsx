import type { JSX } from 'preact';
import type { LatencyHistory } from '../../model/surfaces.ts';
import { type Column, Table } from './table.tsx';
import { formatDuration, formatLatency } from './time.tsx';

/** The latencies of a surface over time, with axes; and the same as a table. */

type Point = LatencyHistory['points'][number];

const WIDTH = 600;
const HEIGHT = 120;

export function LatencyChart({ latency }: { latency: LatencyHistory }): JSX.Element {
  const top = scaleTop(Math.max(2, ...latency.points.map(({ max_ms }) => max_ms ?? 0)));
  const failed = latency.points.filter(({ unanswered }) => unanswered > 0);
  return (
    <figure class="latency-chart">
      <div class="plot">
        <ol class="y-axis" aria-hidden="true">
          {[top, top / 2, 0].map((ms) => (
            <li key={ms}>{formatLatency(ms)}</li>
          ))}
        </ol>
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={describeLatency(latency)}
        >
          <path class="gridline" d={`M0 0h${WIDTH}M0 ${HEIGHT / 2}h${WIDTH}M0 ${HEIGHT}h${WIDTH}`} />
          <path class="slowest" d={linePath(latency, top, ({ max_ms }) => max_ms)} />
          <path class="median" d={linePath(latency, top, ({ median_ms }) => median_ms)} />
          <path class="failed" d={failed.map((point) => `M${xOf(point, latency)} 0v${HEIGHT}`).join('')} />
        </svg>
        <ol class="x-axis" aria-hidden="true">
          {[0, 0.5, 1].map((share) => (
            <li key={share}>{clockAt(latency, share)}</li>
          ))}
        </ol>
      </div>
      <figcaption class="quiet">
        Latency by time (UTC), each point {formatDuration(latency.bucket_seconds * 1_000)}. Solid line: median; dashed
        line: slowest check; vertical strokes: checks without a response.
      </figcaption>
      <details id="latency-table">
        <summary>Latency as a table</summary>
        <Table caption="Latency by time" columns={COLUMNS} rows={latency.points.toReversed()} rowId={({ at }) => at} />
      </details>
    </figure>
  );
}

const shown = (ms: number | null) => (ms === null ? '–' : formatLatency(ms));

const COLUMNS: Column<Point>[] = [
  { title: 'From (UTC)', isRowHeader: true, cell: ({ at }) => `${at.slice(0, 10)} ${at.slice(11, 16)}` },
  { title: 'Median', numeric: true, cell: ({ median_ms }) => shown(median_ms) },
  { title: 'Slowest', numeric: true, cell: ({ max_ms }) => shown(max_ms) },
  { title: 'Checks', numeric: true, cell: ({ checks }) => checks },
  { title: 'Without response', numeric: true, cell: ({ unanswered }) => unanswered },
];

/** The next of 2, 4, 6, 10, 20, 40, 60, 100 …, so that its half is a whole number too. */
function scaleTop(ms: number): number {
  const power = 10 ** Math.floor(Math.log10(ms));
  return [1, 2, 4, 6, 10].map((factor) => factor * power).find((top) => top >= ms) ?? 10 * power;
}

const xOf = ({ at }: Point, { from, to }: LatencyHistory): number => {
  const start = Date.parse(from);
  return Math.round(((Date.parse(at) - start) / (Date.parse(to) - start)) * WIDTH);
};

/** The line breaks where buckets are missing or no check got an answer. A lone point is a short stroke. */
function linePath(latency: LatencyHistory, top: number, value: (point: Point) => number | null): string {
  let path = '';
  let last: number | null = null;
  for (const point of latency.points) {
    const ms = value(point);
    if (ms === null) continue;
    const at = Date.parse(point.at);
    const y = Math.round((1 - ms / top) * HEIGHT);
    const follows = last !== null && at - last <= latency.bucket_seconds * 1_000;
    path += follows ? `L${xOf(point, latency)} ${y}` : `M${xOf(point, latency)} ${y}h2`;
    last = at;
  }
  return path;
}

function clockAt({ from, to }: LatencyHistory, share: number): string {
  const start = Date.parse(from);
  const at = new Date(start + share * (Date.parse(to) - start));
  return `${at.toISOString().slice(11, 16)}`;
}

function describeLatency({ points, from, to }: LatencyHistory): string {
  const answered = points.filter(({ median_ms }) => median_ms !== null);
  const unanswered = points.reduce((sum, point) => sum + point.unanswered, 0);
  const span = formatDuration(Date.parse(to) - Date.parse(from));
  const lost = unanswered === 0 ? '' : ` ${unanswered} ${unanswered === 1 ? 'check' : 'checks'} got no response.`;
  if (answered.length === 0) return `Latency of the last ${span}: no check got a response.`;
  const medians = answered.map(({ median_ms }) => median_ms ?? 0);
  const slowest = Math.max(...answered.map(({ max_ms }) => max_ms ?? 0));
  return (
    `Latency of the last ${span}: median ${formatLatency(Math.min(...medians))} to ${formatLatency(Math.max(...medians))}, ` +
    `slowest ${formatLatency(slowest)}.${lost}`
  );
}
