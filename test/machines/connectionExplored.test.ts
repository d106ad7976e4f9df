import { type ConnectionContext, connectionMachine } from '../../machines/connection.ts';
import type { AuditEntry } from '../../machines/shared/protocol.ts';
import { paramsOf } from './support/driver.ts';
import type { Bounds } from './support/explore.ts';
import { testExploration } from './support/exploredTests.ts';

const bounds: Bounds<ConnectionContext> = {
  machine: connectionMachine,
  id: 'connection',
  events: () => [{ type: 'LOST', targets: 2 }, { type: 'REACHED' }],
  answers: {},
  key: ({ offlineSince }) => offlineSince !== null,
  rule({ before, after, says }, wrong) {
    const changes = before.context.offlineSince !== after.context.offlineSince;
    if (paramsOf<AuditEntry>(says, 'audit').length !== (changes ? 1 : 0)) wrong('not every change is audited once');
  },
};

testExploration(bounds, { rest: ['online'] });
