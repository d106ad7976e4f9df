import { describe, expect, it } from 'vitest';
import { type DeadLetterAlarmContext, deadLetterAlarmMachine } from '../../machines/deadLetterAlarm.ts';
import type { DmRequest } from '../../machines/shared/protocol.ts';
import { type ActorInput, broke, done, play } from './support/driver.ts';
import { row, table } from './support/transitionTable.ts';

const overdue: ActorInput = { type: 'OVERDUE', since: '2026-05-05T14:32:17.000Z', count: 3 } as ActorInput;
const cleared: ActorInput = { type: 'CLEARED' };
const sent = done('dm', { outcome: 'sent' });

table(deadLetterAlarmMachine, 'letters', {
  letters: [
    row('none is overdue', [], cleared, 'calm'),
    row('one is', [], overdue, 'telling', 'audit overdue', 'run sendDm letters_overdue'),
    row('it is said once, however long it lasts', [overdue, sent], overdue, 'told'),
    row('a message that cannot be sent is not said again', [overdue], broke('dm'), 'told'),
    row('all are seen to', [overdue, sent], cleared, 'calm'),
    row(
      'the next one is said',
      [overdue, sent, cleared],
      overdue,
      'telling',
      'audit overdue',
      'run sendDm letters_overdue',
    ),
  ],
});

describe('the message', () => {
  it('the message about dead letters contains their number and since when, and each message has a different id', () => {
    const actor = play<DeadLetterAlarmContext>(deadLetterAlarmMachine, 'letters');
    actor.take(overdue);
    expect(actor.input<DmRequest>('dm')).toMatchObject({
      id: 'dm:letters:1',
      body: { count: 3, since: '2026-05-05T14:32:17.000Z' },
    });
    actor.take(sent, cleared, overdue);
    expect(actor.input<DmRequest>('dm').id).toBe('dm:letters:2');
  });
});
