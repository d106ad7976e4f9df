import type { JSX } from 'preact';
import { ALERT_PREFIX, surfaceActor, UMBRELLA_PREFIX } from '../../../machines/shared/actorId.ts';
import type { SurfaceStory } from '../../model/surfaces.ts';
import type { Page } from '../endpoint.ts';
import { AlertTable } from './alertRows.tsx';
import { StatusBadge } from './badges.tsx';
import { Empty, Section } from './elements.tsx';
import { HistoryList } from './history.tsx';
import { InvestigateButton, InvestigateForm } from './investigate.tsx';
import { LatencyChart } from './latencyChart.tsx';
import { Maintenance } from './maintenance.tsx';
import { Availability } from './surfaceAvailability.tsx';
import { CheckTable } from './surfaceChecks.tsx';
import { ChecksStopped, SurfaceFacts } from './surfaceFacts.tsx';
import { OutageTable } from './surfaceOutages.tsx';
import { TicketTable } from './surfaceTickets.tsx';

export function surfacePage(story: SurfaceStory, investigateOn: boolean): Page {
  return {
    title: `${story.name} · ${story.status}`,
    section: 'status',
    live: [surfaceActor(story.id), ALERT_PREFIX, UMBRELLA_PREFIX],
    body: <SurfaceView story={story} investigateOn={investigateOn} />,
  };
}

function SurfaceView({ story, investigateOn }: { story: SurfaceStory; investigateOn: boolean }): JSX.Element {
  return (
    <>
      <p class="crumbs">
        <a href="/console/status">Status</a> {story.group === null ? null : <span class="quiet">/ {story.group}</span>}
      </p>
      <div class="page-head">
        <h1>{story.name}</h1>
        <StatusBadge status={story.status} />
      </div>
      <ChecksStopped story={story} />
      <SurfaceFacts story={story} />
      <InvestigateForm from="surface" />
      <InvestigateButton surface={story} on={investigateOn} />
      <Maintenance surfaceId={story.id} window={story.maintenance} />
      <Availability story={story} />
      {story.latency === null ? null : (
        <Section id="latency" title="Latency">
          <LatencyChart latency={story.latency} />
        </Section>
      )}
      <Section id="outages" title="Outages">
        <OutageTable story={story} />
      </Section>
      <Section id="tickets" title="Tickets">
        <TicketTable tickets={story.tickets} />
      </Section>
      <Section id="alerts" title="Alerts">
        {story.alerts.length === 0 ? (
          <Empty title="No alerts raised for this surface.">
            <p>A confirmed outage raises an alert, unless its severity is set to none.</p>
          </Empty>
        ) : (
          <AlertTable alerts={story.alerts} caption="Alerts of this surface" />
        )}
      </Section>
      <Section id="checks" title="Last checks">
        <CheckTable checks={story.checks} />
      </Section>
      <Section id="history" title="History">
        <HistoryList history={story.history} />
      </Section>
    </>
  );
}
