import type { JSX } from 'preact';
import type { Page } from '../endpoint.ts';
import type * as services from '../services.ts';
import { actorHref, Empty, ErrorText, Json, NextPage, PostForm } from './parts.tsx';
import { When } from './time.tsx';
import { useViewing } from './viewing.ts';

const PATH = '/console/dead-letters';

export function deadLettersPage(letters: services.Page<services.DeadLetter>, cursor: string | undefined): Page {
  return {
    title: 'Dead letters',
    section: 'dead-letters',
    live: ['surface:', 'alert:'],
    body: <DeadLettersView letters={letters} cursor={cursor} />,
  };
}

interface DeadLettersProps {
  letters: services.Page<services.DeadLetter>;
  cursor: string | undefined;
}

function DeadLettersView({ letters, cursor }: DeadLettersProps): JSX.Element {
  return (
    <>
      <div class="page-head">
        <h1>Dead letters</h1>
        <p class="quiet">What could not be delivered however often it was tried, and why.</p>
      </div>
      {letters.rows.length === 0 ? (
        <Empty title="Everything has been delivered." />
      ) : (
        <ul class="letters">
          {letters.rows.map((letter) => (
            <Letter key={letter.id} letter={letter} />
          ))}
        </ul>
      )}
      <NextPage path={PATH} query={{ cursor }} cursor={letters.next_cursor} />
    </>
  );
}

function Letter({ letter }: { letter: services.DeadLetter }): JSX.Element {
  const { may } = useViewing();
  return (
    <li class="panel letter" id={`letter-${letter.id}`}>
      <div class="letter-head">
        <h2>
          <code>{letter.src}</code>
        </h2>
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
      <details>
        <summary>What was to be delivered</summary>
        <Json value={letter.input} />
      </details>
      {may.administer ? (
        <PostForm action={`${PATH}/${encodeURIComponent(letter.id)}/replay`}>
          <button type="submit" class="button">
            Replay
            <span class="sr-only">
              {' '}
              {letter.src} for {letter.actor_id}
            </span>
          </button>
        </PostForm>
      ) : null}
    </li>
  );
}
