import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../src/lib/packageRoot.ts';

/** Where a name of a state, a context field or a kind of actor escapes the compiler, by what it looks like. */
const UNCHECKED: [what: string, pattern: RegExp][] = [
  ['SQL that looks into a state', /\b(state|from_state|to_state)\s*(->|@>|\? ')/],
  ['SQL that looks into a snapshot', /\b(snapshot|context)\s*(->|@>|\? ')/],
  ['an actor id built from text', /[`'"(](surface|alert|umbrella):(\$\{|'|")|>(surface|alert|umbrella):\{/],
  ['an actor id taken apart by a pattern', /\/\^(surface|alert|umbrella):/],
  ['the id of a single actor as text', /\b(id|to)( =|:) '(helpdesk|connection|letters)'/],
];

const sources = readdirSync(join(packageRoot, 'src'), { recursive: true, encoding: 'utf8' }).filter(
  (file) => /\.tsx?$/.test(file) && !file.startsWith(join('actors', 'projections')),
);

describe.each(UNCHECKED)('%s', (_, pattern) => {
  it('stands in src/actors/projections and nowhere else', () => {
    const places = sources.flatMap((file) =>
      readFileSync(join(packageRoot, 'src', file), 'utf8')
        .split('\n')
        .flatMap((line, at) => (pattern.test(line) ? [`src/${file}:${at + 1}: ${line.trim()}`] : [])),
    );
    expect(places).toEqual([]);
  });
});

it.each([
  ["where id = 'helpdesk' and state ? 'failing'", 2],
  ["a.state->>'ticket' = 'stormed'", 1],
  ["from_state->'health'->>'outage'", 1],
  ["snapshot->'context'->>'status'", 1],
  ["page.context->>'alertKey'", 1],
  ['to: `surface:$' + '{id}`', 1],
  ["a.id = 'alert:' || m.alert_key", 1],
  ["id.replace(/^alert:/, '')", 1],
  ["{ to: 'connection', event }", 1],
  ["state === 'open' ? 'a' : 'b'", 0],
  ['const tag = `auto:alert:$' + '{source}`', 0],
  ["import { createActor } from 'xstate';", 0],
])('the patterns recognise %s', (line, times) => {
  expect(UNCHECKED.filter(([, pattern]) => pattern.test(line))).toHaveLength(times);
});
