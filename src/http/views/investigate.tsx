import type { JSX } from 'preact';
import type { InvestigateAnswer, Tile } from '../../model/surfaces.ts';
import type { Flash } from '../flash.ts';
import { ExternalLink, PostForm } from './elements.tsx';
import { useViewer } from './viewerContext.ts';

interface InvestigateProps {
  surface: Pick<Tile, 'id' | 'name' | 'status' | 'since'>;
  /** The feature flag is on. */
  on: boolean;
  from: 'status' | 'surface';
}

/** The button that files a ticket, and its result. A plain form; with JavaScript the result appears without a reload. */
export function InvestigateForm({ surface, on, from }: InvestigateProps): JSX.Element | null {
  const { may, flash } = useViewer();
  const isOffered = on && may.operate && (surface.status === 'DEGRADED' || surface.status === 'DOWN');
  const result = flash?.surfaceId === surface.id ? flash : null;
  if (!isOffered) return null;
  const action = `/console/status/investigate/${surface.id}`;
  return (
    <div class="investigate">
      <PostForm
        action={action}
        id={`investigate-${surface.id}`}
        hx-post={action}
        hx-target="next .outcome"
        hx-swap="innerHTML"
        hx-sync="drop"
        hx-disable="find button"
      >
        <input type="hidden" name="from" value={from} />
        <button type="submit" class="button primary">
          Investigate<span class="sr-only"> {surface.name}</span>
        </button>
      </PostForm>
      {/* The id names the outage, so that the next outage of the surface starts without this result. */}
      <div class="outcome" id={outcomeId(surface)} role="status" hx-morph-skip="true">
        {result ? <Outcome flash={result} /> : null}
      </div>
    </div>
  );
}

function outcomeId({ id, status, since }: InvestigateProps['surface']): string {
  return `outcome-${id}-${status.toLowerCase()}-${since === null ? 0 : new Date(since).getTime()}`;
}

function Outcome({ flash }: { flash: Flash }): JSX.Element {
  return (
    <p class={`result ${flash.tone}`}>
      {flash.text} {flash.link ? <ExternalLink href={flash.link.href}>{flash.link.label}</ExternalLink> : null}
    </p>
  );
}

export const outcomeFragment = (flash: Flash) => <Outcome flash={flash} />;

/** The result of a click as a message. */
export function outcomeFlash(answer: InvestigateAnswer): Flash {
  const { surface_id: surfaceId } = answer;
  if (answer.degraded) return { tone: 'bad', text: answer.message, surfaceId };
  const link = { href: answer.ticket_url, label: `Ticket #${answer.ticket_id}` };
  return answer.idempotent
    ? { tone: 'note', text: 'Already filed; no new ticket was created.', link, surfaceId }
    : { tone: 'good', text: 'Filed.', link, surfaceId };
}
