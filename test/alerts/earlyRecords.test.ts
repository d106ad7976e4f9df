import { expect, it } from 'vitest';
import { type AggregatorDeps, createAggregator } from '../../src/alerts/aggregator.ts';
import { NOT_SUPPRESSED } from '../../src/alerts/emission.ts';
import type { EmissionInput } from '../../src/model/alerts.ts';

/** When emissions are recorded: at once, unless their ids may be changed. */

const POLICY = {
  autoTicket: true,
  isSilenced: () => false,
  suppressionOf: () => NOT_SUPPRESSED,
  flapMaxEpisodes: 5,
  flapWindowMs: 600_000,
  reopenWithinMs: () => 0,
  escalateAfterMs: () => null,
};

/** An aggregator over parts in memory, and what it did in which order. `rename` changes ids, as a group of ids does. */
function aggregatorThat({ rename = (id: string) => id, mayRename = false, isSlow = false } = {}) {
  const done: string[] = [];
  let recorded = () => {};
  const hasRecorded = new Promise<void>((resolve) => {
    recorded = resolve;
  });
  const renamed = (alert: EmissionInput) =>
    rename(alert.alert_id) === alert.alert_id ? alert : { ...alert, alert_id: rename(alert.alert_id) };
  const deps: AggregatorDeps = {
    namedSurfaces: async () => new Map(),
    expiredEpisodes: async () => [],
    async deliver(messages) {
      if (messages.length > 0) done.push(`deliver ${messages.map(({ to }) => to)}`);
      return [];
    },
    lastSeen: {
      async recordSeen(seen) {
        done.push(`record ${seen.map(({ alertId }) => alertId)}`);
        recorded();
        return { silent: [], newer: new Map() };
      },
      recordSeenIn: async () => undefined,
    },
    idChurn: {
      async resolveIds(_, alerts) {
        if (isSlow) await hasRecorded;
        done.push('resolve ids');
        return { alerts: alerts.map(renamed), extraMessages: [], afterDelivery: async () => undefined };
      },
      mayRename: () => mayRename,
    },
    resolutions: {
      async judge(_, alerts) {
        done.push(`judge ${alerts.map(({ alert_id }) => alert_id)}`);
        return {
          isOutOfOrder: () => false,
          endInstead: () => null,
          isUnknown: () => false,
          emissions: new Map(),
        };
      },
      missedEnds: async () => [],
    },
    leave: async () => undefined,
    policy: async () => POLICY,
    expiresAfterSeconds: async () => 600,
    auditUnknown: async () => undefined,
  };
  return { done, ...createAggregator(deps) };
}

const alert = (alert_id: string, status: 'firing' | 'resolved' = 'firing'): EmissionInput => ({
  alert_id,
  status,
  severity: 'P2',
  title: 'Disk full',
});

it('emissions are recorded and judged while their ids are resolved', async () => {
  const { done, ingest } = aggregatorThat({ isSlow: true });
  expect((await ingest('prom', [alert('a')])).alerts).toEqual([{ alert_key: 'prom:a', state: 'accepted' }]);
  expect(done).toEqual(['record a', 'judge a', 'resolve ids', 'deliver alert:prom:a']);
});

it('emissions whose ids are changed are recorded and judged under their new ids before they are delivered', async () => {
  const { done, ingest } = aggregatorThat({ isSlow: true, rename: () => 'first' });
  expect((await ingest('prom', [alert('b')])).alerts).toEqual([{ alert_key: 'prom:first', state: 'accepted' }]);
  expect(done.slice(done.indexOf('resolve ids') + 1)).toEqual([
    'record first',
    'judge first',
    'deliver alert:prom:first',
  ]);
});

it('emissions of a source that changes ids are recorded under their new ids only', async () => {
  const { done, ingest } = aggregatorThat({ mayRename: true, rename: () => 'first' });
  await ingest('prom', [alert('b')]);
  expect(done).toEqual(['resolve ids', 'record first', 'judge first', 'deliver alert:prom:first']);
});

it('a request with a resolution records nothing before its ids are resolved', async () => {
  const { done, ingest } = aggregatorThat();
  await ingest('prom', [alert('a'), alert('b', 'resolved')]);
  expect(done.slice(0, 3)).toEqual(['resolve ids', 'record a', 'judge a,b']);
});
