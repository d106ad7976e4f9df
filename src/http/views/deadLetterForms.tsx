import type { JSX } from 'preact';
import { areWhole, textsOf } from '../../deadLetters/texts.ts';
import type { DeadLetter } from '../../model/deadLetters.ts';
import { deadLetterHref } from './deadLetterElements.tsx';
import { PostForm } from './elements.tsx';
import { Field } from './formField.tsx';

/** An edit that could not be saved: the typed text, and the error. `path` names the faulty text in the payload. */
export type RefusedEdit =
  | { typed: string; message: string }
  | { texts: { subject: string; body: string }; message: string; path: string };

interface EditProps {
  deadLetter: DeadLetter;
  refused: RefusedEdit | null;
}

const MAX_ROWS = 24;
const rowsFor = (text: string): number => Math.min(MAX_ROWS, text.split('\n').length + 1);

/** Fields for subject and body if it has them; the whole payload as JSON if there is more. */
export function EditForms({ deadLetter, refused }: EditProps): JSX.Element {
  const { subject, body } = textsOf(deadLetter);
  const json = <JsonForm deadLetter={deadLetter} refused={refused} />;
  if (subject === null && body === null) return json;
  return (
    <>
      <TextsForm deadLetter={deadLetter} refused={refused !== null && 'texts' in refused ? refused : null} />
      {areWhole(deadLetter) ? null : (
        <details open={refused !== null && 'typed' in refused}>
          <summary>All fields, as JSON</summary>
          {json}
        </details>
      )}
    </>
  );
}

type RefusedTexts = Extract<RefusedEdit, { texts: unknown }>;

function TextsForm({ deadLetter, refused }: { deadLetter: DeadLetter; refused: RefusedTexts | null }): JSX.Element {
  const { subject, body } = textsOf(deadLetter);
  const errorAt = (path: string) => (refused?.path === path ? refused.message : undefined);
  const elsewhere = refused !== null && refused.path !== subject?.path && refused.path !== body?.path;
  const text = refused?.texts.body ?? body?.value ?? '';
  return (
    <PostForm action={`${deadLetterHref(deadLetter.id)}/edit`} class="stacked" novalidate>
      <input type="hidden" name="texts" value="1" />
      {elsewhere ? (
        <p class="banner bad" role="alert">
          Not saved. {refused.message}
        </p>
      ) : null}
      {subject === null ? null : (
        <Field name="subject" label="Subject" error={errorAt(subject.path)}>
          {(attributes) => <input {...attributes} type="text" value={refused?.texts.subject ?? subject.value} />}
        </Field>
      )}
      {body === null ? null : (
        <Field name="body" label={deadLetter.kind === 'note' ? 'Reason' : 'Body'} error={errorAt(body.path)}>
          {(attributes) => (
            <textarea {...attributes} rows={rowsFor(text)}>
              {text}
            </textarea>
          )}
        </Field>
      )}
      <Save />
    </PostForm>
  );
}

function JsonForm({ deadLetter, refused }: EditProps): JSX.Element {
  const known = refused !== null && 'typed' in refused ? refused : null;
  const text = known?.typed ?? JSON.stringify(deadLetter.payload, null, 2);
  return (
    <PostForm action={`${deadLetterHref(deadLetter.id)}/edit`} class="stacked">
      {known === null ? null : (
        <p class="banner bad" id="refused" role="alert">
          Not saved. {known.message}
        </p>
      )}
      <label class="field grows">
        <span>
          {deadLetter.kind === 'webhook'
            ? 'The request in JSON. You can change its body and how it is read.'
            : 'JSON. You can change texts; fields and identifiers must stay as they are.'}
        </span>
        <textarea
          name="payload"
          class="code"
          rows={rowsFor(text)}
          spellcheck={false}
          {...(known === null ? {} : { autofocus: true, 'aria-invalid': true, 'aria-describedby': 'refused' })}
        >
          {text}
        </textarea>
      </label>
      <Save />
    </PostForm>
  );
}

function Save(): JSX.Element {
  return (
    <div class="filter-acts">
      <button type="submit" class="button">
        Save
      </button>
    </div>
  );
}
