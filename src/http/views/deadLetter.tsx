import type { JSX } from 'preact';
import type { DeadLetter } from '../../model/deadLetters.ts';
import type { Page } from '../endpoint.ts';
import { DeadLetterFacts, deadLetterHref, headingOf, Payload, ReplayForm } from './deadLetterElements.tsx';
import { EditForms, type RefusedEdit } from './deadLetterForms.tsx';
import { Empty, ErrorText, PostForm } from './elements.tsx';
import { TimestampWithAge } from './time.tsx';
import { useViewer } from './viewerContext.ts';

interface DeadLetterProps {
  deadLetter: DeadLetter;
  refused: RefusedEdit | null;
}

export function deadLetterPage(deadLetter: DeadLetter, refused: RefusedEdit | null = null): Page {
  return {
    title: `Dead letter: ${headingOf(deadLetter)}`,
    section: 'dead-letters',
    // Not live, so that an update does not replace what a person is typing.
    live: [],
    body: <DeadLetterView deadLetter={deadLetter} refused={refused} />,
  };
}

function DeadLetterView({ deadLetter, refused }: DeadLetterProps): JSX.Element {
  const { may } = useViewer();
  return (
    <>
      <p class="crumbs">
        <a href="/console/dead-letters">Dead letters</a>
      </p>
      <div class="page-head">
        <h1>{headingOf(deadLetter)}</h1>
        <p class="quiet">
          <code>{deadLetter.id}</code>
        </p>
      </div>
      <section class="panel dead-letter" aria-label="Failure">
        <DeadLetterFacts deadLetter={deadLetter} />
        <ReplayForm deadLetter={deadLetter} />
      </section>
      <section aria-labelledby="payload">
        <h2 id="payload">What a replay sends</h2>
        {may.administer ? <EditForms deadLetter={deadLetter} refused={refused} /> : <Payload deadLetter={deadLetter} />}
      </section>
      <section aria-labelledby="history">
        <h2 id="history">Attempts and changes</h2>
        <History history={deadLetter.history} />
      </section>
      {may.administer ? <DiscardForm deadLetter={deadLetter} /> : null}
    </>
  );
}

function DiscardForm({ deadLetter }: { deadLetter: DeadLetter }): JSX.Element {
  return (
    <section class="panel" aria-labelledby="discard">
      <h2 id="discard">Discard</h2>
      <PostForm action={`${deadLetterHref(deadLetter.id)}/discard`} class="filter">
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
  if (entries.length === 0) return <Empty title="No entries." />;
  return (
    <ol class="timeline">
      {entries.map((entry) => (
        <li key={`${entry.at} ${entry.what}`}>
          <TimestampWithAge at={entry.at} />
          <span class="event">
            {entry.attempt === undefined ? entry.what : `attempt ${entry.attempt} ${entry.what}`}
          </span>
          <span class="change">
            {entry.by === undefined ? null : `by ${entry.by}`} {entry.reason ?? ''}
            {entry.error == null ? null : <ErrorText error={entry.error} />}
          </span>
        </li>
      ))}
    </ol>
  );
}
