import type { JSX } from 'preact';
import type { Fault } from '../../lib/problem.ts';
import type { Page } from '../endpoint.ts';
import type { SilenceFields } from '../schemas/silences.ts';
import { PostForm } from './elements.tsx';
import { Field } from './formField.tsx';

export const EMPTY_FIELDS: SilenceFields = {
  source: '',
  surface_id: '',
  alert_key: '',
  labels: '',
  minutes: '60',
  reason: '',
};

const DURATIONS: [minutes: number, label: string][] = [
  [30, '30 minutes'],
  [60, '1 hour'],
  [120, '2 hours'],
  [240, '4 hours'],
  [480, '8 hours'],
  [1_440, '24 hours'],
  [4_320, '3 days'],
  [10_080, '7 days'],
  [43_200, '30 days'],
];

/** `faults` are those of a refused form, whose fields are shown again. */
export function silenceFormPage(fields: SilenceFields, faults: readonly Fault[] = []): Page {
  return {
    title: 'New silence',
    section: 'silences',
    // Not live, so that an update does not replace what a person is typing.
    live: [],
    body: <SilenceForm fields={fields} faults={faults} />,
  };
}

interface FormProps {
  fields: SilenceFields;
  faults: readonly Fault[];
}

function SilenceForm({ fields, faults }: FormProps): JSX.Element {
  const fault = (...names: string[]): string | undefined =>
    faults.find(({ field }) => names.some((name) => field === name || field.startsWith(`${name}.`)))?.message;
  const any = faults.find(({ field }) => field === 'matchers')?.message;
  const [first] = faults;
  return (
    <>
      <p class="crumbs">
        <a href="/console/silences">Silences</a>
      </p>
      <div class="page-head">
        <h1>New silence</h1>
        <p class="quiet">
          While it lasts, matching alerts get no ticket and send no message. Those that are still active at its end get
          both.
        </p>
      </div>
      <PostForm action="/console/silences" class="stacked panel" novalidate>
        {first === undefined ? null : (
          <p class="banner bad" role="alert">
            Not silenced. {faults.length === 1 ? 'One field is' : 'Some fields are'} invalid.
          </p>
        )}
        <p class="quiet">
          Every field that is filled in must match. <code>*</code> stands for any text, <code>\*</code> for a star. Put
          the pattern of a label in double quotes where spaces around it count.
        </p>
        <TextLine name="source" label="Source" value={fields.source} error={any ?? fault('matchers.source')} />
        <TextLine name="surface_id" label="Surface" value={fields.surface_id} error={fault('matchers.surface_id')} />
        <TextLine name="alert_key" label="Alert key" value={fields.alert_key} error={fault('matchers.alert_key')} />
        <Field name="labels" label="Labels, one name=value in each line" error={fault('matchers.labels')}>
          {(attributes) => (
            <textarea {...attributes} class="code" rows={Math.max(3, fields.labels.split('\n').length)}>
              {fields.labels}
            </textarea>
          )}
        </Field>
        <Field name="minutes" label="For" error={fault('until')}>
          {(attributes) => (
            <select {...attributes}>
              {DURATIONS.map(([minutes, label]) => (
                <option key={minutes} value={minutes} selected={String(minutes) === fields.minutes}>
                  {label}
                </option>
              ))}
            </select>
          )}
        </Field>
        <TextLine name="reason" label="Reason" value={fields.reason} error={fault('reason')} required />
        <div class="filter-acts">
          <button type="submit" class="button primary">
            Silence
          </button>
        </div>
      </PostForm>
    </>
  );
}

interface TextLineProps {
  name: keyof SilenceFields;
  label: string;
  error: string | undefined;
  value: string;
  required?: boolean;
}

function TextLine({ value, required = false, ...field }: TextLineProps): JSX.Element {
  return (
    <Field {...field}>
      {(attributes) => <input {...attributes} type="text" value={value} required={required} spellcheck={false} />}
    </Field>
  );
}
