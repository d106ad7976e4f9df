import type { JSX } from 'preact';
import { ALERT_PREFIX, UMBRELLA_PREFIX } from '../../../machines/shared/actorId.ts';
import type { AlertRow } from '../../model/alerts.ts';
import type { PageOf } from '../../model/operations.ts';
import type { Page } from '../endpoint.ts';
import { AlertTable } from './alertRows.tsx';
import { Empty, NextPage, NoMatches } from './elements.tsx';
import { Filter, SearchField, SelectField } from './filter.tsx';

export interface AlertsQuery {
  state?: string | undefined;
  q?: string | undefined;
  cursor?: string | undefined;
}

const PATH = '/console/alerts';
const STATES = { firing: 'Firing', flapping: 'Flapping', resolved: 'Resolved' };

export function alertsPage(alerts: PageOf<AlertRow>, query: AlertsQuery): Page {
  return {
    title: 'Alerts',
    section: 'alerts',
    live: [ALERT_PREFIX, UMBRELLA_PREFIX],
    body: <AlertsView alerts={alerts} query={query} />,
  };
}

function AlertsView({ alerts, query }: { alerts: PageOf<AlertRow>; query: AlertsQuery }): JSX.Element {
  const filtered = query.state !== undefined || query.q !== undefined;
  return (
    <>
      <div class="page-head">
        <h1>Alerts</h1>
      </div>
      <Filter path={PATH} active={filtered}>
        <SelectField name="state" label="State" any="Active and recent" options={STATES} value={query.state} />
        <SearchField label="Title, key or surface" value={query.q} />
      </Filter>
      {alerts.rows.length === 0 ? (
        <NoAlerts filtered={filtered} />
      ) : (
        <AlertTable alerts={alerts.rows} caption="Alerts" />
      )}
      <NextPage path={PATH} query={{ ...query }} cursor={alerts.next_cursor} />
    </>
  );
}

function NoAlerts({ filtered }: { filtered: boolean }): JSX.Element {
  if (filtered) return <NoMatches title="No alerts match this filter." path={PATH} />;
  return (
    <Empty title="No active or recent alerts.">
      <p>
        Surfaces raise alerts when they degrade. Other senders post them to <code>/api/alerts</code> with a token from{' '}
        <code>INGEST_TOKENS</code>.
      </p>
    </Empty>
  );
}
