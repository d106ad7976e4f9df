import type { JSX } from 'preact';
import type { InvestigateAnswer, Tile } from '../../model/surfaces.ts';
import type { Flash } from '../flash.ts';
import { OutLink, PostForm } from './elements.tsx';
import { useViewer } from './viewerContext.ts';

interface InvestigateProps {
  surface: Pick<Tile, 'id' | 'name' | 'status' | 'since'>;
  /** The feature is switched on. */
  on: boolean;
  from: 'status' | 'surface';
}

/**
 * The button that files a ticket, and the place where its result is said. Absent where there is nothing
 * to investigate. Works as a plain form; our script only spares the reload.
 */
export function Investigate({ surface, on, from }: InvestigateProps): JSX.Element | null {
  const { may, flash } = useViewer();
  const wanted = on && may.operate && (surface.status === 'DEGRADED' || surface.status === 'DOWN');
  const said = flash?.surfaceId === surface.id ? flash : null;
  if (!wanted) return null;
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
      {/* Said about this outage: the next one of the surface begins with a clean slate. */}
      <div class="outcome" id={outcomeId(surface)} role="status" hx-morph-skip="true">
        {said ? <Outcome flash={said} /> : null}
      </div>
    </div>
  );
}

function outcomeId({ id, status, since }: InvestigateProps['surface']): string {
  return `outcome-${id}-${status.toLowerCase()}-${since === null ? 0 : new Date(since).getTime()}`;
}

function Outcome({ flash }: { flash: Flash }): JSX.Element {
  return (
    <p class={`said ${flash.tone}`}>
      {flash.text} {flash.link ? <OutLink href={flash.link.href}>{flash.link.label}</OutLink> : null}
    </p>
  );
}

export const outcomePart = (flash: Flash) => <Outcome flash={flash} />;

/** What a click came to, in a sentence. */
export function outcomeOf(answer: InvestigateAnswer): Flash {
  const { surface_id: surfaceId } = answer;
  if (answer.degraded) return { tone: 'bad', text: answer.message, surfaceId };
  const link = { href: answer.ticket_url, label: `Ticket #${answer.ticket_id}` };
  return answer.idempotent
    ? { tone: 'note', text: 'Already filed; nothing new was created.', link, surfaceId }
    : { tone: 'good', text: 'Filed.', link, surfaceId };
}
