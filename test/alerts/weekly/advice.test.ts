import { expect, it } from 'vitest';
import { adviceOn } from '../../../src/alerts/weekly/advice.ts';
import { spreadOf } from '../../../src/alerts/weekly/figures.ts';
import { EMPTY_WEEK } from '../../http/samples.ts';

const noisy = { P1: 0, P2: 0, P3: 0 };
const surface = { ...noisy, surface_id: 'shop', name: 'Shop', alerts: 12, tickets: 3 };
const source = { ...noisy, source: 'grafana', alerts: 40, tickets: 1 };

it('a quiet week needs no advice', () => {
  expect(adviceOn(EMPTY_WEEK)).toEqual([]);
  const few = { ...EMPTY_WEEK, surfaces: [{ ...surface, alerts: 6 }], sources: [{ ...source, tickets: 4 }] };
  expect(adviceOn(few)).toEqual([]);
});

it('what keeps tickets from being filed comes before what is noisy, slow or unfinished', () => {
  const advice = adviceOn({
    ...EMPTY_WEEK,
    held_back: [
      { reason: 'maintenance', active: 1, ended: 1 },
      { reason: 'flag_off', active: 1, ended: 4 },
    ],
    surfaces: [surface],
    sources: [source],
    time_to_ticket: { count: 9, median_seconds: 2, p90_seconds: 600 },
    tickets: { ...EMPTY_WEEK.tickets, filed: 4, still_open: 1 },
  });
  expect(advice.map(({ what, why, href }) => `${what}. ${why} ${href}`)).toEqual([
    'Turn FLAG_CONSOLE_ALERTS_AUTO_TICKET on. 5 alerts got no ticket because the flag was off. /console/flags',
    'Find the cause of the alerts about Shop. It raised 12 alerts and 3 tickets. If it recovers by itself, raise its failures_to_open. /console/surfaces/shop',
    'Reduce the alerts of grafana. Of 40 alerts, 1 had a ticket of its own. /console/alerts?source=grafana',
    'Find out why tickets come late. One ticket in ten came 10 minutes or more after its alert began. /console/audit?action=console.alerts.ticket_skipped',
    'Close or work on the open tickets. 1 ticket of this week is still open. /console/status',
  ]);
});

it('median and ninth decile lie between two values in proportion', () => {
  expect(spreadOf([])).toEqual({ count: 0, median_seconds: null, p90_seconds: null });
  expect(spreadOf([3, null, 1])).toEqual({ count: 2, median_seconds: 2, p90_seconds: 2.8 });
  expect(spreadOf([7])).toEqual({ count: 1, median_seconds: 7, p90_seconds: 7 });
});
