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
import { DEAD_LETTERS_PATH, DeadLetterFacts, deadLetterHref, Payload, ReplayForm } from './deadLetterElements.tsx';
import { Empty, NextPage, NoMatches, PostForm } from './elements.tsx';
import { Filter, SelectField, TextField } from './filter.tsx';
import { useViewer } from './viewerContext.ts';

export interface DeadLettersQuery {
  kind?: string | undefined;
  reason?: string | undefined;
  cursor?: string | undefined;
}

type DeadLetterList = PageOf<DeadLetter> & { total: number };

const KINDS = { ticket: 'Tickets', tag: 'Tags', note: 'Notes', message: 'Messages', webhook: 'Requests of senders' };

export function deadLettersPage(deadLetters: DeadLetterList, query: DeadLettersQuery): Page {
  return {
    title: 'Dead letters',
    section: 'dead-letters',
    live: [SURFACE_PREFIX, ALERT_PREFIX, UMBRELLA_PREFIX, HELPDESK_ACTOR, DEAD_LETTER_ALARM_ACTOR],
    body: <DeadLettersView deadLetters={deadLetters} query={query} />,
  };
}

interface DeadLettersProps {
  deadLetters: DeadLetterList;
  query: DeadLettersQuery;
}

function DeadLettersView({ deadLetters: { rows, total, next_cursor }, query }: DeadLettersProps): JSX.Element {
  const { may } = useViewer();
  const filtered = query.kind !== undefined || query.reason !== undefined;
  return (
    <>
      <div class="page-head">
        <h1>Dead letters</h1>
        <p class="quiet">
          Tickets, tags, notes and messages that could not be delivered, and requests of senders that could not be read.
        </p>
      </div>
      <Filter path={DEAD_LETTERS_PATH} active={filtered}>
        <SelectField name="kind" label="Kind" any="All" options={KINDS} value={query.kind} />
        <TextField name="reason" label="Reason" value={query.reason} hint="rejected" />
      </Filter>
      {may.administer && total > 1 ? <ReplayAllForm total={total} query={query} /> : null}
      {rows.length === 0 ? (
        <NoDeadLetters filtered={filtered} />
      ) : (
        <ul class="dead-letters">
          {rows.map((deadLetter) => (
            <DeadLetterCard key={deadLetter.id} deadLetter={deadLetter} />
          ))}
        </ul>
      )}
      <NextPage path={DEAD_LETTERS_PATH} query={{ ...query }} cursor={next_cursor} />
    </>
  );
}

function NoDeadLetters({ filtered }: { filtered: boolean }): JSX.Element {
  if (filtered) return <NoMatches title="No dead letters match this filter." path={DEAD_LETTERS_PATH} />;
  return (
    <Empty title="No dead letters.">
      <p>Deliveries that are still being retried are not listed here.</p>
    </Empty>
  );
}

/** Typing the number confirms it, so that nobody sends a thousand messages believing that they are ten. */
function ReplayAllForm({ total, query }: { total: number; query: DeadLettersQuery }): JSX.Element {
  return (
    <PostForm action={`${DEAD_LETTERS_PATH}/replay`} class="filter" id="replay-all">
      {query.kind === undefined ? null : <input type="hidden" name="kind" value={query.kind} />}
      {query.reason === undefined ? null : <input type="hidden" name="reason" value={query.reason} />}
      <label class="field">
        <span>
          {total} dead letters match. Type {total} to replay all of them
        </span>
        <input type="text" name="count" required inputMode="numeric" pattern="[0-9]+" autocomplete="off" />
      </label>
      <div class="filter-acts">
        <button type="submit" class="button">
          Replay all
        </button>
      </div>
    </PostForm>
  );
}

function DeadLetterCard({ deadLetter }: { deadLetter: DeadLetter }): JSX.Element {
  const { may } = useViewer();
  return (
    <li class="panel dead-letter" id={`letter-${deadLetter.id}`}>
      <DeadLetterFacts deadLetter={deadLetter} />
      <details>
        <summary>What a replay sends</summary>
        <Payload deadLetter={deadLetter} />
      </details>
      <div class="dead-letter-acts">
        <ReplayForm deadLetter={deadLetter} />
        <a href={deadLetterHref(deadLetter.id)}>
          {may.administer ? 'Edit or discard' : 'Details'}
          <span class="sr-only"> {deadLetter.id}</span>
        </a>
      </div>
    </li>
  );
}
