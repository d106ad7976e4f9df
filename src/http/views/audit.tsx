import type { JSX } from 'preact';
import { ALERT_PREFIX, SURFACE_PREFIX } from '../../../machines/shared/actorId.ts';
import { AUDIT_ACTIONS } from '../../model/auditActions.ts';
import { type AuditPage, type AuditRow, SEARCHED_DAYS } from '../../model/operations.ts';
import type { Page } from '../endpoint.ts';
import { Empty, NoMatches, safeHref } from './elements.tsx';
import { Filter, SearchField, TextField } from './filter.tsx';
import { SearchPager } from './searchPager.tsx';
import { type Column, Table } from './table.tsx';
import { TimestampWithAge } from './time.tsx';

export interface AuditQuery {
  action?: string | undefined;
  q?: string | undefined;
  since?: string | undefined;
  cursor?: string | undefined;
}

const PATH = '/console/audit';

export function auditPage(audit: AuditPage, query: AuditQuery): Page {
  return {
    title: 'Audit',
    section: 'audit',
    live: query.cursor === undefined ? [SURFACE_PREFIX, ALERT_PREFIX] : [],
    body: <AuditView audit={audit} query={query} />,
  };
}

function AuditView({ audit, query }: { audit: AuditPage; query: AuditQuery }): JSX.Element {
  const filtered = query.action !== undefined || query.q !== undefined || query.since !== undefined;
  return (
    <>
      <div class="page-head">
        <h1>Audit</h1>
        <p class="quiet">
          Every ticket filed, every decision not to file with its reason, and every change that a person made. Entries
          cannot be changed.
        </p>
      </div>
      <Filter path={PATH} active={filtered}>
        <label class="field">
          <span>Action</span>
          <input
            type="text"
            name="action"
            list="actions"
            value={query.action ?? ''}
            autocomplete="off"
            spellcheck={false}
          />
          <datalist id="actions">
            {AUDIT_ACTIONS.map((action) => (
              <option key={action} value={action} />
            ))}
          </datalist>
        </label>
        <TextField name="since" label="Since (UTC)" value={query.since} hint="2026-05-05T14:30" />
        <SearchField label="Payload contains" value={query.q} />
      </Filter>
      {audit.rows.length === 0 ? (
        <NoEntries filtered={filtered} leadsOn={audit.next_cursor !== null} />
      ) : (
        <Table caption="Audit log, newest first" columns={COLUMNS} rows={audit.rows} rowId={(row) => row.id} />
      )}
      <SearchPager
        page={audit}
        path={PATH}
        query={{ ...query }}
        searched="entries"
        limit={`covers at most ${SEARCHED_DAYS} days`}
        label="Search earlier entries"
      />
    </>
  );
}

function NoEntries({ filtered, leadsOn }: { filtered: boolean; leadsOn: boolean }): JSX.Element {
  if (leadsOn) return <Empty title="No entries in these days match this filter." />;
  if (filtered) return <NoMatches title="No entries match this filter." path={PATH} />;
  return (
    <Empty title="No entries yet.">
      <p>Filed tickets, decisions not to file, flag changes and sign-ins appear here.</p>
    </Empty>
  );
}

const COLUMNS: Column<AuditRow>[] = [
  { title: 'Time', cell: (row) => <TimestampWithAge at={row.created_at} /> },
  { title: 'Action', isRowHeader: true, cell: (row) => <code>{row.action}</code> },
  { title: 'Payload', cell: (row) => <Payload payload={row.payload} /> },
  { title: 'By', wide: true, cell: (row) => row.actor },
];

function Payload({ payload }: { payload: unknown }): JSX.Element {
  if (typeof payload !== 'object' || payload === null) return <code class="inline">{JSON.stringify(payload)}</code>;
  return (
    <dl class="payload">
      {Object.entries(payload).map(([key, value]) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd>
            <Value value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Value({ value }: { value: unknown }): JSX.Element {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const href = typeof value === 'string' && /^https?:/.test(value) ? safeHref(value) : null;
  if (href === null) return <>{text}</>;
  return (
    <a href={href} rel="noopener noreferrer">
      {text}
    </a>
  );
}
