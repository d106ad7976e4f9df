import type { JSX } from 'preact';
import type { StatusGrid } from '../../model/surfaces.ts';
import type { Page } from '../endpoint.ts';
import { type GridSection, gridSections } from '../gridSections.ts';
import type { SharedHtml } from '../sharedHtml.ts';
import { DensityLinks } from './densityLinks.tsx';
import { Empty } from './elements.tsx';
import type { GridParts, GridProps } from './gridProps.ts';
import { GridSectionView } from './gridSection.tsx';
import { InvestigateForm } from './investigate.tsx';
import { Legend } from './legend.tsx';
import { RecoveredTickets } from './recoveredTickets.tsx';
import { StatusFilter } from './statusFilter.tsx';
import { AllOperational, NoMatchingSurfaces, StatusCounts } from './statusSummary.tsx';
import { Timestamp } from './time.tsx';
import type { Viewer } from './viewerContext.ts';

/** Changes arrive as events; the full refresh only updates latencies and bars, so a large grid needs it less often. */
const SMALL_GRID = 100;
const REFRESH_S = { small: 30, large: 300 };

export function statusPage(props: GridProps, content: (props: GridProps, viewer: Viewer) => SharedHtml): Page {
  const { DOWN: down, DEGRADED: degraded } = props.grid.counts;
  const problems = [down > 0 ? `${down} down` : '', degraded > 0 ? `${degraded} degraded` : ''].filter(Boolean);
  return {
    title: problems.length === 0 ? 'Status' : `${problems.join(', ')} · Status`,
    section: 'status',
    icon: down > 0 ? 'down' : degraded > 0 ? 'degraded' : 'calm',
    live: ['grid'],
    shared: (viewer) => content(props, viewer),
    body: (
      <>
        <AsOf grid={props.grid} />
        <InvestigateForm from="status" />
      </>
    ),
  };
}

/** The same for all readers with the same permissions. */
export function StatusView({ parts, ...props }: GridProps & { parts: GridParts }): JSX.Element {
  const { grid, query } = props;
  const sections = gridSections(grid, query);
  const view = (section: GridSection) => <GridSectionView key={section.id} {...{ section, parts, ...props }} />;
  const isEmpty = grid.surfaces.length === 0;
  return (
    <>
      <div class="page-head">
        <h1>Status</h1>
        <StatusCounts grid={grid} />
        {isEmpty ? null : <DensityLinks query={query} />}
      </div>
      {isEmpty ? <NoSurfaces /> : <StatusFilter grid={grid} query={query} />}
      {!isEmpty && sections.length === 0 ? <NoMatchingSurfaces grid={grid} query={query} /> : null}
      {sections.length > 0 ? <AllOperational grid={grid} /> : null}
      {sections.filter(({ kind }) => kind === 'attention').map(view)}
      <RecoveredTickets grid={grid} query={query} parts={parts} />
      <div class={`fleet as-${query.density}`} id="fleet">
        {sections.filter(({ kind }) => kind === 'group').map(view)}
      </div>
      {isEmpty || query.density !== 'tiles' ? null : <Legend />}
    </>
  );
}

/** console.js and tab.js read the data attributes. */
function AsOf({ grid: { generated_at, surfaces, counts } }: { grid: StatusGrid }): JSX.Element {
  const refresh = surfaces.length > SMALL_GRID ? REFRESH_S.large : REFRESH_S.small;
  return (
    <p
      class="as-of quiet"
      id="as-of"
      data-as-of={generated_at}
      data-refresh={refresh}
      data-down={counts.DOWN}
      data-degraded={counts.DEGRADED}
    >
      As of <Timestamp at={generated_at} />
    </p>
  );
}

function NoSurfaces(): JSX.Element {
  return (
    <Empty title="No surfaces yet.">
      <p>
        List the services to check in a YAML file, set <code>SURFACES_FILE</code> to its path, and validate it with{' '}
        <code>auto-ticketing surfaces check</code>. Surfaces appear here after their first check.
      </p>
    </Empty>
  );
}
