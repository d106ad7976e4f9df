import { expect, test } from 'vitest';
import { createStatusContent } from '../../src/http/statusContent.tsx';
import type { GridProps } from '../../src/http/views/gridProps.ts';
import type { Viewer } from '../../src/http/views/viewerContext.ts';
import type { Tile } from '../../src/model/surfaces.ts';
import * as samples from './samples.ts';

const NOW = Date.parse('2026-05-05T12:00:00.000Z');
const MINUTE_MS = 60_000;
const at = (ms: number) => new Date(NOW + ms).toISOString();

const viewer = (change: Partial<Viewer> = {}): Viewer => ({
  now: new Date(NOW),
  principal: null,
  signInEnabled: false,
  csrf: 'token-of-one-reader',
  may: { operate: true, administer: true },
  flash: null,
  sandboxPages: [],
  ...change,
});

const props = (surfaces: Tile[], change: Partial<GridProps> = {}): GridProps => ({
  grid: samples.board(surfaces),
  query: { sort: 'worst', density: 'tiles' },
  investigateOn: true,
  changedIds: null,
  ...change,
});

/** A tile that counts how often it is rendered. */
function counted(id: string, change: Partial<Tile> = {}) {
  const renders = { count: 0 };
  const tile = samples.tile(id, { since: at(-MINUTE_MS), ...change });
  const { recent } = tile;
  Object.defineProperty(tile, 'days', {
    get() {
      renders.count += 1;
      return { letters: `${'-'.repeat(88)}do`, uptime: 99, known: 2 };
    },
  });
  return { tile: Object.assign(tile, { recent }), renders };
}

test('a tile is rendered again only when it has changed, and the times on the others stay right', () => {
  const content = createStatusContent();
  const [web, api, changedApi] = [counted('web'), counted('api'), counted('api', { status: 'DEGRADED' })];
  const first = content(props([web.tile, api.tile]), viewer()).bytes.toString();
  expect(first.match(/for <time[^>]*>1 min</g)).toHaveLength(2);
  const rendered = web.renders.count;
  const later = viewer({ now: new Date(NOW + 2 * MINUTE_MS) });
  const second = content(props([web.tile, changedApi.tile]), later).bytes.toString();
  expect(second.match(/for <time[^>]*>3 min</g)).toHaveLength(2);
  expect(second).toContain('class="tile degraded"');
  expect([web.renders.count, changedApi.renders.count > 0]).toEqual([rendered, true]);
});

test('each list has its tiles in order, whatever characters their names have', () => {
  const surfaces = [
    samples.tile('web', { group: 'A', name: 'Zürich – 東京 😀' }),
    samples.tile('api', { group: 'B', name: "$1 $& $' café" }),
    samples.tile('shop', { group: 'A', status: 'DOWN' }),
    samples.tile('mail', { group: 'A' }),
    samples.tile('docs', { group: null }),
  ];
  const html = createStatusContent()(props(surfaces), viewer()).bytes.toString();
  expect([...html.matchAll(/ id="((?:list|tile)-[^"]+)"/g)].map(([, id]) => id)).toEqual([
    ...['list-attention', 'tile-shop', 'list-group-0', 'tile-web', 'tile-mail'],
    ...['list-group-1', 'tile-api', 'list-group-none', 'tile-docs'],
  ]);
  for (const name of ['Zürich – 東京 😀', "$1 $&amp; $' café"]) expect(html).toContain(`>${name}</a>`);
  expect(html).not.toMatch(/list-[0-9a-f]{8}-/);
});

test('the same grid is rendered once for all readers with the same permissions, filter and second', () => {
  const content = createStatusContent();
  const shown = props([samples.tile('web', { status: 'DOWN' })]);
  const html = content(shown, viewer());
  expect(content(shown, viewer({ csrf: 'another', now: new Date(NOW + 900) }))).toBe(html);
  expect(html.bytes.toString()).not.toContain('token-of-one-reader');
  expect(content(shown, viewer({ now: new Date(NOW + 1_000) }))).not.toBe(html);
  expect(
    content({ ...shown, query: { sort: 'name', density: 'tiles' } }, viewer({ now: new Date(NOW + 1_000) })),
  ).not.toBe(html);
});

test('a reader who may not investigate gets a grid without the button, and while the flag is off one that does nothing', () => {
  const content = createStatusContent();
  const shown = props([samples.tile('web', { status: 'DOWN' })]);
  const has = (given: GridProps, operate: boolean) =>
    content(given, viewer({ may: { operate, administer: false } }))
      .bytes.toString()
      .match(/<button[^>]*id="(investigate[^"]*)"/)?.[1];
  expect([
    has(shown, true),
    has(shown, false),
    has({ ...shown, investigateOn: false }, true),
    has(shown, true),
  ]).toEqual(['investigate-web', undefined, 'investigate-off-web', 'investigate-web']);
});

test('the result of a click is shown to the reader who clicked, and to nobody else', () => {
  const content = createStatusContent();
  const shown = props([samples.tile('web', { status: 'DOWN' })]);
  const flash = { tone: 'good', text: 'Filed.', surfaceId: 'web' } as const;
  expect(content(shown, viewer({ flash })).bytes.toString()).toContain('Filed.');
  expect(content(shown, viewer()).bytes.toString()).not.toContain('Filed.');
});

test('a kept tile shows that the state of its ticket is out of date as soon as it is, and the next day its date', () => {
  const content = createStatusContent();
  const ticket = samples.ticket(9, 30, { looked_at: at(-MINUTE_MS) });
  const shown = props([counted('web', { status: 'DOWN', ticket }).tile]);
  const html = (ms: number) => content(shown, viewer({ now: new Date(NOW + ms) })).bytes.toString();
  expect(html(0)).not.toContain('last checked in FreeScout');
  expect(html(89_000)).not.toContain('last checked in FreeScout');
  expect(html(90_000)).toMatch(/last checked in FreeScout <time[^>]*>2 min ago</);
  expect(html(91_000)).toContain('last on 2026-05-04');
  expect(html(12 * 60 * MINUTE_MS)).toContain('last on 2026-05-05');
});

test('a page whose grid was read before a change does not make the others render theirs again', () => {
  const content = createStatusContent();
  const [before, after] = [props([samples.tile('web')]), props([samples.tile('web', { status: 'DOWN' })])];
  const old = content(before, viewer());
  const html = content(after, viewer());
  expect(html.bytes.toString()).toContain('class="tile down"');
  expect(content(before, viewer())).toBe(old);
  expect(content(after, viewer())).toBe(html);
});

test('grids of the last two changes are kept, and no older ones', () => {
  const content = createStatusContent();
  const shown = [1, 2, 3].map(() => props([samples.tile('web')]));
  const [first, second, third] = shown.map((each) => content(each, viewer()));
  const again = shown.toReversed().map((each) => content(each, viewer()));
  expect([again[0] === third, again[1] === second, again[2] === first]).toEqual([true, true, false]);
});

test('rendered grids take no more memory than they may, however many filters are asked for', () => {
  const surfaces = [samples.tile('web')];
  const size = createStatusContent()(props(surfaces), viewer()).bytes.length;
  const content = createStatusContent(3 * size);
  const shown = props(surfaces);
  const filtered = (n: number) =>
    content({ ...shown, query: { sort: 'worst', density: 'tiles', group: `g${n}` } }, viewer());
  const first = content(shown, viewer());
  for (let n = 0; n < 20; n++) filtered(n);
  expect(filtered(19)).toBe(filtered(19));
  expect(content(shown, viewer())).not.toBe(first);
});
