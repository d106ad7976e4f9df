import type { JSX } from 'preact';
import type { Reconciliation } from '../../model/operations.ts';
import type { Page } from '../endpoint.ts';
import { Empty, Json } from './elements.tsx';
import { type Column, Table } from './table.tsx';
import { Elapsed, TimestampWithAge } from './time.tsx';
import { useViewer } from './viewerContext.ts';

export function reconcilePage(reconciliation: Reconciliation): Page {
  return {
    title: 'Reconciler',
    section: 'reconcile',
    live: [],
    body: <ReconcileView reconciliation={reconciliation} />,
  };
}

function ReconcileView({ reconciliation }: { reconciliation: Reconciliation }): JSX.Element {
  const { last_run, standing, recent } = reconciliation;
  const hasRun = last_run !== null;
  return (
    <>
      <div class="page-head">
        <h1>Reconciler</h1>
        <p class="quiet">
          Every minute, the reconciler compares alerts, ticket filings and FreeScout tickets, and repairs discrepancies.
        </p>
      </div>
      <LastRun run={last_run} />
      <section>
        <h2>Needs attention</h2>
        {standing.length === 0 ? (
          <Empty title={hasRun ? 'Nothing needs attention.' : 'Unknown until the first run.'} />
        ) : (
          <Table caption="Needs attention" columns={STANDING} rows={standing} rowId={keyOf} />
        )}
      </section>
      <section>
        <h2>Recent repairs and findings</h2>
        {recent.length === 0 ? (
          <Empty title={hasRun ? 'No discrepancies found.' : 'Unknown until the first run.'} />
        ) : (
          <Table caption="Recent repairs and findings" columns={RECENT} rows={recent} rowId={keyOf} />
        )}
      </section>
    </>
  );
}

const FREESCOUT: Record<string, string> = {
  looked: 'FreeScout was compared',
  cut_short: 'FreeScout was compared in part; the next run continues',
  failing: 'FreeScout was skipped, because it is failing',
  failed: 'FreeScout could not be compared',
  not_configured: 'FreeScout is not configured',
};

/** There is a run every minute, so a last run this old means that they have stopped. */
const LATE_MS = 10 * 60_000;

function LastRun({ run }: { run: Reconciliation['last_run'] }): JSX.Element {
  const { now } = useViewer();
  if (run === null)
    return <p>No run has completed yet. The first one starts within two minutes of a worker's start.</p>;
  const results = Object.entries(run.did).map(([what, times]) => `${outcomeName(what)}: ${times}`);
  const isLate = now.getTime() - new Date(run.at).getTime() > LATE_MS;
  return (
    <>
      {isLate ? (
        <p class="banner warn">
          No run has completed for <Elapsed since={run.at} />, so this page may be out of date. Check that a worker is
          running.
        </p>
      ) : null}
      <p>
        Last run <TimestampWithAge at={run.at} />, took {run.took_ms} ms. {FREESCOUT[run.desk] ?? run.desk}.{' '}
        {results.length === 0 ? 'No discrepancies found.' : `${results.join(', ')}.`}
      </p>
    </>
  );
}

const OUTCOMES: Record<string, string> = {
  effect_requeued: 'Effect requeued',
  effect_restarted: 'Effect restarted',
  timer_requeued: 'Timer requeued',
  timer_restarted: 'Timer restarted',
  inbox_requeued: 'Waiting events requeued',
  alert_reconsidered: 'Alert evaluated again',
  intent_closed: 'Filing closed',
  ticket_adopted: 'Existing ticket adopted',
  tags_restored: 'Tags restored',
  tags_left_off: 'Tags not restored',
  twin_found: 'Duplicate tickets found',
  actor_parked: 'Parked actor found',
};

const outcomeName = (what: string): string => OUTCOMES[what] ?? what.replaceAll('_', ' ');
const keyOf = (row: object): string => JSON.stringify(row);

const TASKS: Record<string, { problem: string; action: string }> = {
  twin: {
    problem: 'Duplicate tickets',
    action: 'Find out which ticket people work on, and close the other in FreeScout. This entry then disappears.',
  },
  parked: {
    problem: 'Parked actor',
    action:
      'It handles no events until a release that can restore it is deployed. See its page under System, Inspect, and search the log for “actor parked”.',
  },
};

const problemName = (kind: string): string => TASKS[kind]?.problem ?? kind.replaceAll('_', ' ');

const STANDING: Column<Reconciliation['standing'][number]>[] = [
  { title: 'Problem', isRowHeader: true, cell: ({ kind }) => problemName(kind) },
  { title: 'What to do', cell: ({ kind }) => TASKS[kind]?.action ?? 'See the details.' },
  { title: 'Found', cell: ({ found_at }) => <TimestampWithAge at={found_at} /> },
  {
    title: 'Details',
    wide: true,
    cell: ({ kind, details }) => <Json value={details} label={`Details: ${problemName(kind)}`} />,
  },
];

const RECENT: Column<Reconciliation['recent'][number]>[] = [
  { title: 'Finding', isRowHeader: true, cell: ({ what }) => outcomeName(what) },
  { title: 'Time', cell: ({ at }) => <TimestampWithAge at={at} /> },
  {
    title: 'Details',
    wide: true,
    cell: ({ what, details }) => <Json value={details} label={`Details: ${outcomeName(what)}`} />,
  },
];
