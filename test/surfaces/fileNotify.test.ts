import { expect, it } from 'vitest';
import { namedRecipients } from '../../src/surfaces/fileNotify.ts';
import { parseSurfacesFile } from '../../src/surfaces/surfacesFile.ts';

const parse = (text: string) => parseSurfacesFile(`surfaces: []\n${text}`, 'surfaces.yaml').notifications;

it('recipients are read by severity and source, and those of an escalation with their time', () => {
  const rules = parse(
    [
      'notify:',
      '  - to: [C024BE91L]',
      '  - to: [U012AB3CD, C024BE91L]',
      '    severity: [P1, P2]',
      '    sources: [status_poller]',
      'escalation:',
      '  - after_minutes: 15',
      '    to: [U0SECOND]',
    ].join('\n'),
  );
  expect(rules).toEqual({
    notify: [
      { to: ['C024BE91L'] },
      { to: ['U012AB3CD', 'C024BE91L'], severities: ['P1', 'P2'], sources: ['status_poller'] },
    ],
    escalation: [{ afterMinutes: 15, to: ['U0SECOND'] }],
  });
  expect(namedRecipients(rules)).toEqual(['C024BE91L', 'U012AB3CD', 'U0SECOND']);
});

it('a file without recipients has none', () => {
  expect(parse('')).toEqual({ notify: [], escalation: [] });
});

it.each([
  ['notify:\n  - to: ["#ops"]', 'line 3: notify.0.to.0 cannot be "#ops"; write the id of a Slack channel or person'],
  ['notify:\n  - to: []', 'line 3: notify.0.to cannot be used as it is; write a list of 1 to 20 ids'],
  ['notify:\n  - severity: [P1]', 'line 3: notify.0.to is missing; write a list of 1 to 20 ids'],
  [
    'notify:\n  - to: [C024BE91L]\n    severity: [P0]',
    'line 4: notify.0.severity.0 cannot be "P0"; write P1, P2 or P3',
  ],
  [
    'notify:\n  - to: [C024BE91L]\n    channel: x',
    'line 4: notify.0.channel is not a field of the file; write one of to, severity, sources',
  ],
  [
    'escalation:\n  - after_minutes: 0\n    to: [U0SECOND]',
    'line 3: escalation.0.after_minutes cannot be 0; write whole minutes from 1 to 10080',
  ],
])('an error is named with its line (case %#)', (text, sentence) => {
  expect(() => parse(text)).toThrow(sentence);
});
