import type { JSX } from 'preact';
import type { SurfaceStory } from '../../model/surfaces.ts';
import { type Column, Table } from './table.tsx';
import { DayBars, describeDays, Uptime } from './uptime.tsx';
import { useViewer } from './viewerContext.ts';

const DAYS: Column<SurfaceStory['day_counts'][number]>[] = [
  { title: 'Day (UTC)', isRowHeader: true, cell: ({ day }) => day },
  { title: 'Operational', numeric: true, cell: ({ operational }) => operational },
  { title: 'Degraded', numeric: true, cell: ({ degraded }) => degraded },
  { title: 'Down', numeric: true, cell: ({ down }) => down },
  { title: 'Maintenance', numeric: true, cell: ({ maintenance }) => maintenance },
];

/** The last 90 days as a chart and as a table. */
export function Availability({ story }: { story: SurfaceStory }): JSX.Element {
  const { now } = useViewer();
  return (
    <section class="availability" aria-labelledby="availability">
      <h2 id="availability">Last 90 days</h2>
      <div class="tile-chart">
        <DayBars days={story.days} />
        <Uptime days={story.days} />
      </div>
      <p class="quiet">{describeDays(story.days, now)}</p>
      {story.day_counts.length === 0 ? null : (
        <details>
          <summary>Checks by day</summary>
          <Table caption="Checks by day" columns={DAYS} rows={story.day_counts} rowId={({ day }) => day} />
        </details>
      )}
    </section>
  );
}
