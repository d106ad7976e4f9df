import type { JSX } from 'preact';
import type { DeadLetter } from '../../model/deadLetters.ts';
import type { Page } from '../endpoint.ts';
import { LetterFacts, letterHref, Replay } from './deadLetters.tsx';
import { Empty, ErrorText, Json, PostForm } from './elements.tsx';
import { When } from './time.tsx';
import { useViewer } from './viewerContext.ts';

/** A change that could not be stored: the text as it was written, and what is wrong with it. */
interface Refused {
  typed: string;
  message: string;
}

export function deadLetterPage(letter: DeadLetter, refused: Refused | null = null): Page {
  return {
    title: `Dead letter ${letter.id}`,
    section: 'dead-letters',
    // What a person is writing here must not be replaced under their hands.
    live: [],
    body: <DeadLetterView letter={letter} refused={refused} />,
  };
}

function DeadLetterView({ letter, refused }: EditProps): JSX.Element {
  const { may } = useViewer();
  return (
    <>
      <p class="crumbs">
        <a href="/console/dead-letters">Dead letters</a>
      </p>
      <div class="page-head">
        <h1>
          <code>{letter.id}</code>
        </h1>
      </div>
      <section class="panel letter" aria-label="What went wrong">
        <LetterFacts letter={letter} />
        <Replay letter={letter} />
      </section>
      <section aria-labelledby="payload">
        <h2 id="payload">What is to be delivered</h2>
        {may.administer ? <Edit letter={letter} refused={refused} /> : <Json value={letter.payload} />}
      </section>
      <section aria-labelledby="history">
        <h2 id="history">What was tried</h2>
        <History history={letter.history} />
      </section>
      {may.administer ? <Discard letter={letter} /> : null}
    </>
  );
}

const LINES_SHOWN = 24;

interface EditProps {
  letter: DeadLetter;
  refused: Refused | null;
}

function Edit({ letter, refused }: EditProps): JSX.Element {
  const text = refused?.typed ?? JSON.stringify(letter.payload, null, 2);
  return (
    <PostForm action={`${letterHref(letter.id)}/edit`} class="stacked">
      {refused === null ? null : (
        <p class="banner bad" id="refused" role="alert">
          Not stored. {refused.message}
        </p>
      )}
      <label class="field grows">
        <span>JSON. Its words may change; its fields, and what says what it is about, may not.</span>
        <textarea
          name="payload"
          class="code"
          rows={Math.min(LINES_SHOWN, text.split('\n').length + 1)}
          spellcheck={false}
          {...(refused === null ? {} : { autofocus: true, 'aria-invalid': true, 'aria-describedby': 'refused' })}
        >
          {text}
        </textarea>
      </label>
      <div class="filter-acts">
        <button type="submit" class="button">
          Store
        </button>
      </div>
    </PostForm>
  );
}

function Discard({ letter }: { letter: DeadLetter }): JSX.Element {
  return (
    <section class="panel" aria-labelledby="discard">
      <h2 id="discard">Discard</h2>
      <PostForm action={`${letterHref(letter.id)}/discard`} class="filter">
        <label class="field grows">
          <span>Reason</span>
          <input type="text" name="reason" required maxLength={500} autocomplete="off" />
        </label>
        <div class="filter-acts">
          <button type="submit" class="button">
            Discard for good
          </button>
        </div>
      </PostForm>
    </section>
  );
}

interface Entry {
  at: string;
  what: string;
  by?: string;
  reason?: string;
  attempt?: number;
  error?: unknown;
}

function History({ history }: { history: unknown }): JSX.Element {
  const entries = Array.isArray(history) ? (history as Entry[]).toReversed() : [];
  if (entries.length === 0) return <Empty title="Nothing was recorded." />;
  return (
    <ol class="timeline">
      {entries.map((entry) => (
        <li key={`${entry.at} ${entry.what}`}>
          <When at={entry.at} />
          <code class="event">
            {entry.what}
            {entry.attempt === undefined ? '' : ` ${entry.attempt}`}
          </code>
          <span class="change">
            {entry.by === undefined ? null : `by ${entry.by}`} {entry.reason ?? ''}
            {entry.error == null ? null : <ErrorText error={entry.error} />}
          </span>
        </li>
      ))}
    </ol>
  );
}
