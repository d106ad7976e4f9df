import nock from 'nock';
import { afterEach } from 'vitest';

// A request that a test forgot to mock fails instead of leaving this machine.
nock.disableNetConnect();
nock.enableNetConnect(/^(127\.0\.0\.1|localhost|\[?::1\]?)(:\d+)?$/);

afterEach(() => {
  const pending = nock.pendingMocks();
  nock.abortPendingRequests();
  nock.cleanAll();
  if (pending.length > 0) throw new Error(`these expected requests were not made: ${pending.join(', ')}`);
});
