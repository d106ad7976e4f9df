import type { JSX } from 'preact';
import { ALERT_PREFIX, UMBRELLA_PREFIX } from '../../../machines/shared/actorId.ts';
import type { Severity } from '../../../machines/shared/protocol.ts';
import type { AlertList } from '../../model/alerts.ts';
import { SEARCHED_ROWS } from '../../model/operations.ts';
import type { Page } from '../endpoint.ts';
import { AlertTable } from './alertRows.tsx';
import { SeverityBadge } from './badges.tsx';
import { Empty, NoMatches } from './elements.tsx';
import { Filter, SearchField, SelectField, TextField } from './filter.tsx';
import { SearchPager } from './searchPager.tsx';
import { SILENCES } from './silences.tsx';

export interface AlertsQuery {
  state?: string | undefined;
  severity?: Severity | undefined;
  source?: string | undefined;
  q?: string | undefined;
  cursor?: string | undefined;
}

const PATH = '/console/alerts';
const SEVERITIES: Record<Severity, string> = { P1: 'P1', P2: 'P2', P3: 'P3' };
const STATES = { firing: 'Firing', flapping: 'Flapping', resolved: 'Resolved' };

export function alertsPage(alerts: AlertList, query: AlertsQuery): Page {
  return {
    title: 'Alerts',
    section: 'alerts',
    live: [ALERT_PREFIX, UMBRELLA_PREFIX, SILENCES],
    body: <AlertsView alerts={alerts} query={query} />,
  };
}

function AlertsView({ alerts, query }: { alerts: AlertList; query: AlertsQuery }): JSX.Element {
  const { state, severity, source, q } = query;
  const filtered = [state, severity, source, q].some((each) => each !== undefined);
  return (
    <>
      <div class="page-head">
        <h1>Alerts</h1>
      </div>
      <ActiveCounts active={alerts.active} />
      <Filter path={PATH} active={filtered}>
        <SelectField name="state" label="State" any="Active and recent" options={STATES} value={state} />
        <SelectField name="severity" label="Severity" any="Any" options={SEVERITIES} value={severity} />
        <TextField name="source" label="Source" value={source} />
        <SearchField label="Title, key or surface" value={q} />
      </Filter>
      {alerts.rows.length === 0 ? (
        <NoAlerts filtered={filtered} leadsOn={alerts.next_cursor !== null} />
      ) : (
        <AlertTable alerts={alerts.rows} caption="Alerts" />
      )}
      <SearchPager
        page={alerts}
        path={PATH}
        query={{ ...query }}
        searched="all active alerts, and of the others those that changed"
        limit={`looks through ${SEARCHED_ROWS.toLocaleString('en')} of the others at most`}
        label="Search earlier alerts"
      />
    </>
  );
}

/** The number of active alerts of each severity; each links to those alerts. */
function ActiveCounts({ active }: { active: AlertList['active'] }): JSX.Element | null {
  const severities = Object.entries(active).filter(([, count]) => count > 0) as [Severity, number][];
  if (severities.length === 0) return null;
  return (
    <ul class="counts" aria-label="Active alerts by severity">
      {severities.map(([severity, count]) => (
        <li key={severity}>
          <a href={`${PATH}?severity=${severity}`}>
            <strong>{count}</strong> <SeverityBadge severity={severity} /> active
          </a>
        </li>
      ))}
    </ul>
  );
}

function NoAlerts({ filtered, leadsOn }: { filtered: boolean; leadsOn: boolean }): JSX.Element {
  if (leadsOn) return <Empty title="None of the alerts that were searched match this filter." />;
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
