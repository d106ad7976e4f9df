import type { JSX } from 'preact';
import type { Reconciliation } from '../../model/operations.ts';
import type { Page } from '../endpoint.ts';
import { Empty, Json } from './elements.tsx';
import { type Column, Table } from './table.tsx';
import { For, When } from './time.tsx';
import { useViewer } from './viewerContext.ts';

export function reconcilePage(found: Reconciliation): Page {
  return { title: 'Reconciler', section: 'inspect', live: [], body: <ReconcileView found={found} /> };
}

function ReconcileView({ found: { last_run, standing, recent } }: { found: Reconciliation }): JSX.Element {
  return (
    <>
      <div class="page-head">
        <h1>Reconciler</h1>
        <p class="quiet">
          Each minute, what fails, what was intended and what stands in FreeScout are compared, and what does not fit
          together is put right.
        </p>
      </div>
      <LastRun run={last_run} />
      <section>
        <h2>Needs a person</h2>
        {standing.length === 0 ? (
          <Empty title={last_run === null ? 'Not known before the first run.' : 'Nothing waits for anybody.'} />
        ) : (
          <Table caption="Needs a person" columns={STANDING} rows={standing} rowId={keyOf} />
        )}
      </section>
      <section>
        <h2>Put right or reported lately</h2>
        {recent.length === 0 ? (
          <Empty title={last_run === null ? 'Nothing yet.' : 'Everything has fitted together so far.'} />
        ) : (
          <Table caption="Put right or reported lately" columns={RECENT} rows={recent} rowId={keyOf} />
        )}
      </section>
    </>
  );
}

const DESK: Record<string, string> = {
  looked: 'FreeScout was compared',
  cut_short: 'FreeScout was compared in part; the next run goes on',
  failing: 'FreeScout was not asked, because it is failing',
  failed: 'FreeScout could not be compared',
  not_configured: 'FreeScout is not configured',
};

/** Runs follow each other by the minute; one this old had no successor. */
const LATE_MS = 10 * 60_000;

function LastRun({ run }: { run: Reconciliation['last_run'] }): JSX.Element {
  const { now } = useViewer();
  if (run === null) {
    return <p>No run has ended yet. The first one comes within a minute or two of a worker's start.</p>;
  }
  const did = Object.entries(run.did).map(([what, times]) => `${words(what)}: ${times}`);
  const isLate = now.getTime() - new Date(run.at).getTime() > LATE_MS;
  return (
    <>
      {isLate ? (
        <p class="banner warn">
          No run has ended for <For since={run.at} />, so what is below may be out of date. See whether a worker runs.
        </p>
      ) : null}
      <p>
        Last run <When at={run.at} />, in {run.took_ms} ms. {DESK[run.desk] ?? run.desk}.{' '}
        {did.length === 0 ? 'Everything fitted together.' : `${did.join(', ')}.`}
      </p>
    </>
  );
}

const words = (what: string): string => what.replaceAll('_', ' ');
const keyOf = (row: object): string => JSON.stringify(row);

const TO_DO: Record<string, { what: string; act: string }> = {
  twin: {
    what: 'two tickets for one',
    act: 'Look which of the two people work on, and close the other in FreeScout. It leaves this list by itself.',
  },
  parked: {
    what: 'parked actor',
    act: 'It takes no event until a release can restore it: see its page under Inspect, and the log for “actor parked”.',
  },
};

const STANDING: Column<Reconciliation['standing'][number]>[] = [
  { title: 'What', heads: true, cell: ({ kind }) => TO_DO[kind]?.what ?? words(kind) },
  { title: 'What to do', cell: ({ kind }) => TO_DO[kind]?.act ?? 'See the details.' },
  { title: 'Found', cell: ({ found_at }) => <When at={found_at} /> },
  { title: 'Details', roomy: true, cell: ({ details }) => <Json value={details} /> },
];

const RECENT: Column<Reconciliation['recent'][number]>[] = [
  { title: 'What', heads: true, cell: ({ what }) => words(what) },
  { title: 'When', cell: ({ at }) => <When at={at} /> },
  { title: 'Details', roomy: true, cell: ({ details }) => <Json value={details} /> },
];
