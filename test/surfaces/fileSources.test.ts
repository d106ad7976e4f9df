import { expect, it } from 'vitest';
import { parseSurfacesFile } from '../../src/surfaces/surfacesFile.ts';

const parse = (sources: string) => parseSurfacesFile(`surfaces: []\nsources:\n${sources}`, 'surfaces.yaml').sources;

it('sources are read with their repeat interval in seconds', () => {
  const text = [
    '  - id: alertmanager',
    '    repeat_interval: 4h',
    '    silent_after_minutes: 90',
    '  - id: uptime-kuma',
    '    repeat_interval: once',
    '  - id: cron',
    '    stable_ids: true',
  ].join('\n');
  expect(parse(text)).toEqual([
    { id: 'alertmanager', repeatSeconds: 14_400, silentAfterMinutes: 90, stableIds: false },
    { id: 'uptime-kuma', repeatSeconds: null, stableIds: false },
    { id: 'cron', stableIds: true },
  ]);
});

it('a title template and a storm limit of a source are read', () => {
  expect(parse("  - id: a\n    title: '{{labels.service}}: {{title}}'\n    storm_max_tickets: 50")).toEqual([
    { id: 'a', stableIds: false, title: '{{labels.service}}: {{title}}', stormMaxTickets: 50 },
  ]);
});

it('a file without sources has none', () => {
  expect(parseSurfacesFile('surfaces: []', 'surfaces.yaml').sources).toEqual([]);
});

it.each([
  ['  - id: Bad!', 'line 3: sources.0.id cannot be "Bad!"; write 1 to 63'],
  ['  - id: a\n    repeat_interval: often', 'line 4: sources.0.repeat_interval cannot be "often"; write once, or'],
  ['  - id: a\n    repeat_interval: 300', 'line 4: sources.0.repeat_interval cannot be 300; write once, or'],
  ['  - id: a\n    stable_ids: maybe', 'line 4: sources.0.stable_ids cannot be "maybe"; write true'],
  [
    '  - id: a\n    repeats: 5m',
    'line 4: sources.0.repeats is not a field of the file; write one of id, repeat_interval',
  ],
  [
    "  - id: a\n    title: '{{labels.service}: {{title}}'",
    'line 4: sources.0.title cannot be "{{labels.service}: {{title}}"; write a text of 1 to 300 characters in which {{title}}, ',
  ],
  [
    '  - id: a\n    storm_max_tickets: 0',
    'line 4: sources.0.storm_max_tickets cannot be 0; write a whole number from 1',
  ],
  ['  - id: a\n  - id: a', 'line 4: sources.1.id repeats a; keep one of them'],
  [
    '  - id: status_poller\n    token_env: POLLER_TOKEN',
    'line 4: sources.0.token_env makes a sender of status_poller, which is a source of the console itself; leave it out',
  ],
  [
    '  - id: reconciler\n    shadow: true\n    kind: cloudevents',
    'line 5: sources.0.kind makes a sender of reconciler, which is a source of the console itself; leave it out',
  ],
  [
    '  - id: console\n    kind: generic\n    token_env: A_TOKEN',
    'line 5: sources.0.token_env makes a sender of console, which is a source of the console itself; leave it out',
  ],
  [
    '  - id: umbrella\n    token_env: A_TOKEN',
    'line 4: sources.0.token_env makes a sender of umbrella, which is a source of the console itself; leave it out',
  ],
])('an error is named with its line (case %#)', (text, sentence) => {
  expect(() => parse(text)).toThrow(sentence);
});

it('a source of the console itself may be configured, but for a sender', () => {
  expect(parse('  - id: status_poller\n    silent_after_minutes: 90\n    reopen_within_minutes: 30')).toEqual([
    { id: 'status_poller', stableIds: false, silentAfterMinutes: 90, reopenWithinMinutes: 30 },
  ]);
});
