import type { JSX } from 'preact';
import { ALERT_PREFIX, alertKeyOfActor, SURFACE_PREFIX, surfaceIdOfActor } from '../../../machines/shared/actorId.ts';
import { textsOf } from '../../deadLetters/texts.ts';
import type { DeadLetter } from '../../model/deadLetters.ts';
import { Tag } from './badges.tsx';
import { deliveryName } from './effectNames.ts';
import { actorHref, alertHref, ErrorText, Json, PostForm, surfaceHref } from './elements.tsx';
import { TimestampWithAge } from './time.tsx';
import { useViewer } from './viewerContext.ts';

/** What the list of dead letters and the page of one have in common. */

export const DEAD_LETTERS_PATH = '/console/dead-letters';

export const deadLetterHref = (id: string) => `${DEAD_LETTERS_PATH}/${encodeURIComponent(id)}`;

/** What it was to deliver, and the alert that it is about. */
export function headingOf(deadLetter: DeadLetter): string {
  const about = deadLetter.title ?? textsOf(deadLetter).subject?.value ?? null;
  return about === null ? deliveryName(deadLetter.kind) : `${deliveryName(deadLetter.kind)}: ${about}`;
}

/** The texts that a replay sends; the whole payload if it has none. */
export function Payload({ deadLetter }: { deadLetter: DeadLetter }): JSX.Element {
  const { subject, body } = textsOf(deadLetter);
  if (subject === null && body === null) {
    return <Json value={deadLetter.payload} label={`Payload of ${deadLetter.id}`} />;
  }
  return (
    <>
      {subject === null ? null : <p class="row-title">{subject.value}</p>}
      {body === null ? null : <p class="prose">{body.value}</p>}
    </>
  );
}

export function DeadLetterFacts({ deadLetter }: { deadLetter: DeadLetter }): JSX.Element {
  const { kind, reason, edited, actor_id, error, attempts, finished_at } = deadLetter;
  return (
    <>
      <div class="dead-letter-head">
        <h2>{headingOf(deadLetter)}</h2>
        <Tag tone="bad">{reason}</Tag>
        {edited ? <Tag tone="warn">edited</Tag> : null}
        <span class="quiet">
          {kind === 'webhook' ? 'of' : 'for'}{' '}
          <a href={kind === 'webhook' ? '/console/sources' : subjectHref(actor_id)}>
            <code>{actor_id}</code>
          </a>
        </span>
      </div>
      <p>
        <ErrorText error={error} />
      </p>
      <p class="quiet">
        Failed after {attempts} {attempts === 1 ? 'attempt' : 'attempts'}, <TimestampWithAge at={finished_at} />
      </p>
    </>
  );
}

export function ReplayForm({ deadLetter: { id, kind, actor_id } }: { deadLetter: DeadLetter }): JSX.Element | null {
  const { may } = useViewer();
  if (!may.administer) return null;
  return (
    <PostForm action={`${deadLetterHref(id)}/replay`}>
      <button type="submit" class="button">
        Replay
        <span class="sr-only">
          {' '}
          {deliveryName(kind)} for {actor_id}
        </span>
      </button>
    </PostForm>
  );
}

/** The page of the alert or surface; for others that of the state machine. */
function subjectHref(actorId: string): string {
  if (actorId.startsWith(ALERT_PREFIX)) return alertHref(alertKeyOfActor(actorId));
  return actorId.startsWith(SURFACE_PREFIX) ? surfaceHref(surfaceIdOfActor(actorId)) : actorHref(actorId);
}
