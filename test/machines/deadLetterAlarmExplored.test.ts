import { type DeadLetterAlarmContext, deadLetterAlarmMachine } from '../../machines/deadLetterAlarm.ts';
import type { Bounds } from './support/explore.ts';
import { testExploration } from './support/exploredTests.ts';

const bounds: Bounds<DeadLetterAlarmContext> = {
  machine: deadLetterAlarmMachine,
  id: 'letters',
  events: () => [{ type: 'OVERDUE', since: '2026-05-05T14:00:00.000Z', count: 3 }, { type: 'CLEARED' }],
  answers: { dm: () => [{ outcome: 'sent' }] },
  key: ({ since }) => since !== null,
  rule({ before, effects }, report) {
    if (effects.length > 0 && before.context.since !== null) report('the same dead letters are reported twice');
  },
};

testExploration(bounds, { rest: ['calm'] });
