import type { JSX } from 'preact';
import type { InvestigateAnswer, Tile } from '../../model/surfaces.ts';
import type { Flash } from '../flash.ts';
import { ExternalLink, PostForm } from './elements.tsx';
import { useViewer } from './viewerContext.ts';

interface InvestigateProps {
  surface: Pick<Tile, 'id' | 'name' | 'status' | 'since'>;
  /** The feature flag is on. */
  on: boolean;
}

const FORM_ID = 'investigate';

/**
 * What all Investigate buttons of a page send. It contains the reader's own token and is apart from the buttons, so that
 * readers can share the tiles.
 */
export function InvestigateForm({ from }: { from: 'status' | 'surface' }): JSX.Element | null {
  if (!useViewer().may.operate) return null;
  return (
    <PostForm action="/console/status" id={FORM_ID} hidden>
      <input type="hidden" name="from" value={from} />
    </PostForm>
  );
}

/** The button that files a ticket, and its result. Works without JavaScript; with it the result appears without a reload. */
export function InvestigateButton({ surface, on }: InvestigateProps): JSX.Element | null {
  const { may, flash } = useViewer();
  const result = flash?.surfaceId === surface.id ? flash : null;
  if (!may.operate || (surface.status !== 'DEGRADED' && surface.status !== 'DOWN')) return null;
  if (!on) return <InvestigateOff surface={surface} />;
  const action = `/console/status/investigate/${surface.id}`;
  return (
    <div class="investigate">
      <button
        type="submit"
        class="button primary"
        id={`investigate-${surface.id}`}
        form={FORM_ID}
        formaction={action}
        hx-post={action}
        hx-target="next .outcome"
        hx-swap="innerHTML"
        hx-sync="drop"
        hx-disable="this"
      >
        Investigate<span class="sr-only"> {surface.name}</span>
      </button>
      {/* The id names the outage, so that the next outage of the surface starts without this result. */}
      <div class="outcome" id={outcomeId(surface)} role="status" hx-morph-skip="true">
        {result ? <Outcome flash={result} /> : null}
      </div>
    </div>
  );
}

/** It has an id of its own: an update of an open page leaves the attribute `disabled` of a button as it is. */
function InvestigateOff({ surface: { id, name } }: Pick<InvestigateProps, 'surface'>): JSX.Element {
  const reason = `investigate-off-reason-${id}`;
  return (
    <div class="investigate">
      <button type="button" class="button off" id={`investigate-off-${id}`} disabled aria-describedby={reason}>
        Investigate<span class="sr-only"> {name}</span>
      </button>{' '}
      <span class="quiet" id={reason}>
        Investigate is off: see <a href="/console/flags">Flags</a>.
      </span>
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
