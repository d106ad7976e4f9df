import type { JSX } from 'preact';
import {
  ALERT_PREFIX,
  DEAD_LETTER_ALARM_ACTOR,
  HELPDESK_ACTOR,
  SURFACE_PREFIX,
  UMBRELLA_PREFIX,
} from '../../../machines/shared/actorId.ts';
import type { DeadLetter } from '../../model/deadLetters.ts';
import type { PageOf } from '../../model/operations.ts';
import type { Page } from '../endpoint.ts';
import { Tag } from './badges.tsx';
import { actorHref, Empty, ErrorText, Json, NextPage, NothingFits, PostForm } from './elements.tsx';
import { Filter, SelectField, TextField } from './filter.tsx';
import { When } from './time.tsx';
import { useViewer } from './viewerContext.ts';

export interface LettersQuery {
  kind?: string | undefined;
  reason?: string | undefined;
  cursor?: string | undefined;
}

type Letters = PageOf<DeadLetter> & { total: number };

const PATH = '/console/dead-letters';
const KINDS = { ticket: 'Tickets', tag: 'Tags', note: 'Notes', message: 'Messages' };

export const letterHref = (id: string) => `${PATH}/${encodeURIComponent(id)}`;

export function deadLettersPage(letters: Letters, query: LettersQuery): Page {
  return {
    title: 'Dead letters',
    section: 'dead-letters',
    live: [SURFACE_PREFIX, ALERT_PREFIX, UMBRELLA_PREFIX, HELPDESK_ACTOR, DEAD_LETTER_ALARM_ACTOR],
    body: <DeadLettersView letters={letters} query={query} />,
  };
}

function DeadLettersView({ letters, query }: { letters: Letters; query: LettersQuery }): JSX.Element {
  const { may } = useViewer();
  const filtered = query.kind !== undefined || query.reason !== undefined;
  return (
    <>
      <div class="page-head">
        <h1>Dead letters</h1>
        <p class="quiet">What could not be delivered however often it was tried, and why.</p>
      </div>
      <Filter path={PATH} active={filtered}>
        <SelectField name="kind" label="Kind" any="Everything" options={KINDS} value={query.kind} />
        <TextField name="reason" label="Reason" value={query.reason} hint="rejected" />
      </Filter>
      {may.administer && letters.total > 1 ? <ReplayAll total={letters.total} query={query} /> : null}
      {letters.rows.length === 0 ? (
        <NoLetters filtered={filtered} />
      ) : (
        <ul class="letters">
          {letters.rows.map((letter) => (
            <Letter key={letter.id} letter={letter} />
          ))}
        </ul>
      )}
      <NextPage path={PATH} query={{ ...query }} cursor={letters.next_cursor} />
    </>
  );
}

function NoLetters({ filtered }: { filtered: boolean }): JSX.Element {
  if (filtered) return <NothingFits title="No dead letter fits this filter." path={PATH} />;
  return (
    <Empty title="Nothing was given up.">
      <p>What is still being tried is not here: tickets and messages that wait are tried again by themselves.</p>
    </Empty>
  );
}

/** The count is typed, not clicked: nobody sends a thousand messages believing that it is ten. */
function ReplayAll({ total, query }: { total: number; query: LettersQuery }): JSX.Element {
  return (
    <PostForm action={`${PATH}/replay`} class="filter" id="replay-all">
      {query.kind === undefined ? null : <input type="hidden" name="kind" value={query.kind} />}
      {query.reason === undefined ? null : <input type="hidden" name="reason" value={query.reason} />}
      <label class="field">
        <span>
          {total} fit. To replay all of them, write {total}
        </span>
        <input type="text" name="count" required inputMode="numeric" pattern="[0-9]+" autocomplete="off" />
      </label>
      <div class="filter-acts">
        <button type="submit" class="button">
          Replay all that fit
        </button>
      </div>
    </PostForm>
  );
}

function Letter({ letter }: { letter: DeadLetter }): JSX.Element {
  const { may } = useViewer();
  return (
    <li class="panel letter" id={`letter-${letter.id}`}>
      <LetterFacts letter={letter} />
      <details>
        <summary>What was to be delivered</summary>
        <Json value={letter.payload} />
      </details>
      <div class="letter-acts">
        <Replay letter={letter} />
        <a href={letterHref(letter.id)}>
          {may.administer ? 'Edit or discard' : 'More'}
          <span class="sr-only"> {letter.id}</span>
        </a>
      </div>
    </li>
  );
}

export function LetterFacts({ letter }: { letter: DeadLetter }): JSX.Element {
  return (
    <>
      <div class="letter-head">
        <h2>
          <code>{letter.src}</code>
        </h2>
        <Tag tone="bad">{letter.reason}</Tag>
        {letter.edited ? <Tag tone="warn">edited</Tag> : null}
        <span class="quiet">
          for{' '}
          <a href={actorHref(letter.actor_id)}>
            <code>{letter.actor_id}</code>
          </a>
        </span>
      </div>
      <p>
        <ErrorText error={letter.error} />
      </p>
      <p class="quiet">
        Given up after {letter.attempts} {letter.attempts === 1 ? 'attempt' : 'attempts'},{' '}
        <When at={letter.finished_at} />
      </p>
    </>
  );
}

export function Replay({ letter }: { letter: DeadLetter }): JSX.Element | null {
  const { may } = useViewer();
  if (!may.administer) return null;
  return (
    <PostForm action={`${letterHref(letter.id)}/replay`}>
      <button type="submit" class="button">
        Replay
        <span class="sr-only">
          {' '}
          {letter.src} for {letter.actor_id}
        </span>
      </button>
    </PostForm>
  );
}
