import { expect, it } from 'vitest';
import { rulesOf, type SourceFacts } from '../../../src/alerts/sources/rules.ts';

const settings = { silentAfterMinutes: 60, reopenWithinMinutes: 0, pollIntervalSeconds: 30 };
const facts = (change: Partial<SourceFacts>): SourceFacts => ({
  declared: undefined,
  learnedSeconds: undefined,
  sender: undefined,
  ...change,
});
const declared = (change: object) => facts({ declared: { id: 's', stableIds: false, ...change } });

it.each<[what: string, facts: SourceFacts, silentAfter: number | null, keepsIds: boolean]>([
  ['a source of which nothing is known is never silent', facts({}), null, false],
  ['a source that was seen to repeat is silent after the setting', facts({ learnedSeconds: 300 }), 3_600, false],
  [
    'a source that repeats every four hours is silent after three of them',
    facts({ learnedSeconds: 14_400 }),
    43_230,
    false,
  ],
  [
    'a declared interval counts more than a learned one',
    { ...declared({ repeatSeconds: 14_400 }), learnedSeconds: 60 },
    43_230,
    false,
  ],
  [
    'a source that is declared as once is never silent',
    { ...declared({ repeatSeconds: null }), learnedSeconds: 60 },
    null,
    true,
  ],
  ['a source may have a limit of its own', declared({ repeatSeconds: 60, silentAfterMinutes: 10 }), 600, false],
  ['a limit below the interval is raised', declared({ repeatSeconds: 600, silentAfterMinutes: 1 }), 1_830, false],
  ['a source may be declared to keep its ids', declared({ stableIds: true }), null, true],
  [
    'Alertmanager keeps its ids, and is not silent before 25 hours',
    facts({ sender: 'alertmanager', learnedSeconds: 300 }),
    90_000,
    true,
  ],
  [
    'a limit of its own counts for Alertmanager too',
    { ...declared({ kind: 'alertmanager', silentAfterMinutes: 60 }), learnedSeconds: 300 },
    3_600,
    true,
  ],
  [
    'Uptime Kuma sends an alert once, whatever was learned',
    facts({ sender: 'uptime-kuma', learnedSeconds: 60 }),
    null,
    true,
  ],
  ['a mapping may change ids with each emission', facts({ sender: 'generic', learnedSeconds: 300 }), 3_600, false],
])('%s', (_what, given, silentAfter, keepsIds) => {
  expect(rulesOf('s', given, settings)).toMatchObject({ silentAfterSeconds: silentAfter, keepsIds });
});

it.each<[what: string, facts: SourceFacts, minutes: number]>([
  ['a source that was never seen to repeat: after the setting', facts({}), 60],
  ['a source that repeats: once it is silent', facts({ learnedSeconds: 14_400 }), 720.5],
  ['Uptime Kuma: after the setting', facts({ sender: 'uptime-kuma' }), 60],
  [
    'Uptime Kuma that was seen to repeat: after three repeats',
    facts({ sender: 'uptime-kuma', learnedSeconds: 14_400 }),
    720.5,
  ],
  [
    'a source that is declared as once and was seen to repeat: the same',
    { ...declared({ repeatSeconds: null }), learnedSeconds: 14_400 },
    720.5,
  ],
  ['a client of PagerDuty: after 25 hours', facts({ sender: 'pagerduty' }), 1_500],
  ['a client of Opsgenie: after 25 hours', facts({ sender: 'opsgenie', learnedSeconds: 300 }), 1_500],
  ['Alertmanager, before its interval was learned: after 25 hours', facts({ sender: 'alertmanager' }), 1_500],
  [
    'a client of Opsgenie with a limit of its own: after that',
    declared({ kind: 'opsgenie', silentAfterMinutes: 90 }),
    90,
  ],
  [
    'a client of Opsgenie with a declared interval: once it is silent',
    declared({ kind: 'opsgenie', repeatSeconds: 14_400 }),
    720.5,
  ],
])('a closed ticket is followed by a new one for %s', (_what, given, minutes) => {
  expect(rulesOf('s', given, settings).expiresAfterSeconds).toBe(minutes * 60);
});

it('alerts of the poller are not silent before three polls, whatever the setting', () => {
  const slow = { ...settings, silentAfterMinutes: 1, pollIntervalSeconds: 600 };
  expect(rulesOf('status_poller', facts({}), slow).silentAfterSeconds).toBe(1_830);
  expect(rulesOf('status_poller', facts({}), settings).silentAfterSeconds).toBe(3_600);
});

it('a sender is shown as silent after five minutes, and not before a repeat can be missing', () => {
  expect(rulesOf('s', facts({ learnedSeconds: 30 }), settings).shownSilentAfterSeconds).toBe(300);
  expect(rulesOf('s', facts({ learnedSeconds: 1_000 }), settings).shownSilentAfterSeconds).toBe(3_030);
});

it('a source that says nothing about continued tickets inherits the setting, and 0 is a value of its own', () => {
  const on = { ...settings, reopenWithinMinutes: 30 };
  expect(rulesOf('s', facts({}), on).reopenWithinMinutes).toBe(30);
  expect(rulesOf('s', declared({}), on).reopenWithinMinutes).toBe(30);
  expect(rulesOf('s', declared({ reopenWithinMinutes: 0 }), on).reopenWithinMinutes).toBe(0);
  expect(rulesOf('s', declared({ reopenWithinMinutes: 5 }), settings).reopenWithinMinutes).toBe(5);
});
