import { expect, it } from 'vitest';
import { connectionMachine } from '../../machines/connection.ts';
import { play } from './support/driver.ts';
import { row, table } from './support/transitionTable.ts';

const lost = { type: 'LOST', targets: 2 };
const reached = { type: 'REACHED' };

table(connectionMachine, 'connection', {
  connection: [
    row('no target answers: said once', [], lost, 'offline', 'audit lost'),
    row('another process that finds the same changes nothing while offline', [lost], lost, 'offline'),
    row('one answers: it is over, and said once', [lost], reached, 'online', 'audit restored'),
    row('another process that finds the same changes nothing while online', [lost, reached], reached, 'online'),
  ],
});

it('it knows since when, and forgets it when it is over', () => {
  const actor = play<{ offlineSince: string | null; targets: number }>(connectionMachine, 'connection');
  actor.take(lost);
  expect(actor.context).toEqual({ offlineSince: '2026-05-05T14:00:00.000Z', targets: 2 });
  actor.take(reached);
  expect(actor.context).toEqual({ offlineSince: null, targets: 0 });
});
