import { type ConnectionContext, connectionMachine } from '../../machines/connection.ts';
import type { AuditEntry } from '../../machines/shared/protocol.ts';
import { said } from './drive.ts';
import type { Bounds } from './explore.ts';
import { explored } from './explored.ts';

const bounds: Bounds<ConnectionContext> = {
  machine: connectionMachine,
  id: 'connection',
  events: () => [{ type: 'LOST', targets: 2 }, { type: 'REACHED' }],
  answers: {},
  key: ({ offlineSince }) => offlineSince !== null,
  rule({ before, after, says }, wrong) {
    const changes = before.context.offlineSince !== after.context.offlineSince;
    if (said<AuditEntry>(says, 'audit').length !== (changes ? 1 : 0)) wrong('not every change is audited once');
  },
};

explored(bounds, { rest: ['online'] });
