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
  rule({ before, after, actions }, report) {
    const changes = before.context.offlineSince !== after.context.offlineSince;
    if (paramsOf<AuditEntry>(actions, 'audit').length !== (changes ? 1 : 0))
      report('a change is not audited exactly once');
  },
};

testExploration(bounds, { rest: ['online'] });
