import type { Figure, Result } from './run.ts';
import { formatted } from './statistics.ts';

/** Bars of one figure by lane as an SVG, with the spread over the rounds as a line. Follows the colours of the reader. */
export function chart({ scenario, figures }: Result, name: string): string {
  const shown = figures.filter((figure) => figure.name === name);
  const top = Math.max(...shown.map(({ most }) => most), Number.MIN_VALUE);
  const height = HEAD + shown.length * ROW + 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(describe(name, shown))}">`,
    `<style>text{font:13px system-ui,sans-serif;fill:#24292f}.bar{fill:#4a7fb5}.spread{stroke:#24292f;stroke-width:2}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.spread{stroke:#e6edf3}}</style>`,
    `<text x="8" y="20" font-weight="600">${escaped(`${scenario}: ${name}`)}</text>`,
    ...shown.map((figure, n) => row(figure, HEAD + n * ROW, top)),
    '</svg>\n',
  ].join('\n');
}

const WIDTH = 720;
const HEAD = 32;
const ROW = 28;
const LEFT = 250;
const RIGHT = 110;

function row({ lane, median, least, most }: Figure, y: number, top: number): string {
  const x = (value: number) => Math.round(LEFT + (value / top) * (WIDTH - LEFT - RIGHT));
  return [
    `<text x="${LEFT - 8}" y="${y + 17}" text-anchor="end">${escaped(lane)}</text>`,
    `<rect class="bar" x="${LEFT}" y="${y + 3}" width="${x(median) - LEFT}" height="18"/>`,
    `<path class="spread" d="M${x(least)} ${y + 12}H${x(most)}"/>`,
    `<text x="${x(most) + 8}" y="${y + 17}">${formatted(median)}</text>`,
  ].join('\n');
}

const describe = (name: string, figures: Figure[]): string =>
  `${name}: ${figures.map(({ lane, median }) => `${lane} ${formatted(median)}`).join(', ')}`;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
