import nock from 'nock';
import { afterEach } from 'vitest';

// Whatever a test forgets to mock must fail here and not reach anybody.
nock.disableNetConnect();
nock.enableNetConnect(/^(127\.0\.0\.1|localhost|\[?::1\]?)(:\d+)?$/);

afterEach(() => {
  const pending = nock.pendingMocks();
  nock.abortPendingRequests();
  nock.cleanAll();
  if (pending.length > 0) throw new Error(`these requests were expected and never made: ${pending.join(', ')}`);
});
