import { expect, test } from 'vitest';
import { KILL_FAULTS, LINK_FAULTS, NAME_FAULTS } from '../planFaults.ts';
import { soundRun } from '../samples.ts';
import { notCovered } from './coverage.ts';

const rare = {
  ...{ silentLinks: 3, lostHosts: 3, longPauses: 3, failovers: 1 },
  ...{ nameFaults: 3, clockSteps: 1, clockHours: 1, killPoints: 12, deploys: 1 },
};
const one = [LINK_FAULTS[2], 'host_lost', 'pause_in_transaction', 'failover_silent'];
const other = [NAME_FAULTS[1], 'server_clock_back', 'server_clock_hour', KILL_FAULTS[3], 'deploy'];

/** What a full run had in which all of these faults happened. */
function missingAfter(faults: readonly string[], options = { rare, incidents: 10_000 }): string[] {
  const { facts, ledger } = soundRun();
  for (const fault of faults) ledger.counts.set(`fault: ${fault}`, 1);
  ledger.counts.set('malformed alerts', 7).set('episodes of a sender that speaks once', 3);
  const releases = { ...facts.releases, newEffects: 2, waits: [{ key: 'alpha:1', from: 1, until: 2 }] };
  return notCovered(options, ledger, { clicksWithTicket: 1, releases }).map(({ what }) => what);
}

test('a kind of rare fault that was wanted and never happened fails the run', () => {
  const all = [...one, ...other];
  expect(missingAfter(all)).toEqual([]);
  for (const [n, left] of all.entries())
    expect(missingAfter(all.toSpliced(n, 1))).toEqual([expect.stringContaining(String(left))]);
});

test('where many of a kind were wanted, each of its faults must have happened', () => {
  const all = [...one, ...other];
  const many = { rare: { ...rare, failovers: 8 }, incidents: 10_000 };
  expect(missingAfter(all, many)).toEqual(['never happened: failover']);
  expect(missingAfter([...all, 'failover'], many)).toEqual([]);
});

test('where few of them were wanted, or none, the moment for them may not have come', () => {
  const few = { silentLinks: 2, lostHosts: 1, longPauses: 1, nameFaults: 2, killPoints: 6 };
  const none = { failovers: 0, clockSteps: 0, clockHours: 0, deploys: 0 };
  expect(missingAfter([], { rare: { ...few, ...none }, incidents: 60 })).toEqual([]);
});

test('a large run without malformed alerts, alerts that are sent once, or a ticket of a click fails', () => {
  const { facts, ledger } = soundRun();
  const none = { ...rare, silentLinks: 0, lostHosts: 0, longPauses: 0, failovers: 0, nameFaults: 0 };
  const quiet = { ...none, clockSteps: 0, clockHours: 0, killPoints: 0, deploys: 0 };
  const seen = { clicksWithTicket: 0, releases: facts.releases };
  expect(notCovered({ rare: quiet, incidents: 300 }, ledger, seen)).toHaveLength(3);
  expect(notCovered({ rare: quiet, incidents: 60 }, ledger, seen)).toHaveLength(1);
});

test('a run with several deploys fails in which nothing was left to the newer release, and no effect of it was done', () => {
  const { facts, ledger } = soundRun();
  ledger.counts.set('fault: deploy', 1);
  const only = { ...rare, silentLinks: 0, lostHosts: 0, longPauses: 0, failovers: 0, nameFaults: 0 };
  const never = { clockSteps: 0, clockHours: 0, killPoints: 0 };
  const options = (deploys: number) => ({ rare: { ...only, ...never, deploys }, incidents: 60 });
  const seen = { clicksWithTicket: 1, releases: facts.releases };
  expect(notCovered(options(3), ledger, seen).map(({ kind }) => kind)).toEqual(['not_covered', 'not_covered']);
  expect(notCovered(options(1), ledger, seen)).toEqual([]);
});
