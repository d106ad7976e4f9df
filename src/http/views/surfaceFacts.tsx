import type { JSX } from 'preact';
import { surfaceActor } from '../../../machines/shared/actorId.ts';
import type { AlertRow } from '../../model/alerts.ts';
import type { SurfaceStory } from '../../model/surfaces.ts';
import { SeverityBadge } from './badges.tsx';
import { actorHref, alertHref, ExternalLink } from './elements.tsx';
import { TileTickets } from './tileTickets.tsx';
import { formatLatency, RelativeTime, Timestamp, TimestampWithAge } from './time.tsx';

/** A warning at the top of the page: everything below it is out of date. */
export function ChecksStopped({ story: { status, last_check, was } }: { story: SurfaceStory }): JSX.Element | null {
  if (status !== 'UNKNOWN' || last_check === null) return null;
  return (
    <p class="banner warn">
      Checks have stopped: the last one was <RelativeTime at={last_check.at} />
      {was === null ? '' : `, when the status was ${was}`}. The current status is unknown. Check that a worker is
      running.
    </p>
  );
}

export function SurfaceFacts({ story }: { story: SurfaceStory }): JSX.Element {
  return (
    <dl class="facts">
      <dt>Since</dt>
      <dd>{story.since === null ? 'Not checked yet' : <TimestampWithAge at={story.since} />}</dd>
      <dt>Address</dt>
      <dd>
        <ExternalLink href={story.url} />
      </dd>
      {story.certificate_expires_at === null ? null : (
        <>
          <dt>Certificate</dt>
          <dd>
            {daysUntil(story.certificate_expires_at)}, until <Timestamp at={story.certificate_expires_at} />
          </dd>
        </>
      )}
      <dt>Last check</dt>
      <dd>{story.last_check === null ? 'None' : <LastCheck check={story.last_check} />}</dd>
      <dt>Open ticket</dt>
      <dd>
        <OpenTicket story={story} />
      </dd>
      <dt>Active alert</dt>
      <dd>
        <ActiveAlert alerts={story.alerts} />
      </dd>
      <dt>State machine</dt>
      <dd>
        <a href={actorHref(surfaceActor(story.id))}>
          <code>{surfaceActor(story.id)}</code>
        </a>
      </dd>
    </dl>
  );
}

/** The ticket of the present outage, or why there is none; then the others. */
function OpenTicket({ story }: { story: SurfaceStory }): JSX.Element {
  const { ticket, no_ticket_reason, earlier_tickets } = story;
  return ticket === null && no_ticket_reason === null && earlier_tickets.length === 0 ? (
    <>None</>
  ) : (
    <TileTickets tile={story} />
  );
}

const DAY_MS = 86_400_000;

function daysUntil(expiry: string): string {
  const days = Math.floor((Date.parse(expiry) - Date.now()) / DAY_MS);
  if (days < 0) return 'expired';
  return days === 1 ? '1 day left' : `${days} days left`;
}

function LastCheck({ check }: { check: NonNullable<SurfaceStory['last_check']> }): JSX.Element {
  return (
    <>
      <Timestamp at={check.at} />{' '}
      {check.latency_ms === null ? null : <span class="latency quiet">{formatLatency(check.latency_ms)}</span>}{' '}
      {check.error === null ? null : <span class="error-text">{check.error}</span>}
    </>
  );
}

function ActiveAlert({ alerts }: { alerts: readonly AlertRow[] }): JSX.Element {
  const active = alerts.find(({ state }) => state !== 'resolved');
  if (!active) return <>None</>;
  return (
    <>
      <SeverityBadge severity={active.severity} /> {active.state}:{' '}
      <a href={alertHref(active.alert_key)}>{active.title}</a>
    </>
  );
}
