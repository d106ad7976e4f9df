import type { ComponentChildren, JSX } from 'preact';

interface FieldProps {
  name: string;
  label: string;
  /** What is wrong with its value. */
  error: string | undefined;
  /** The control, with these attributes. */
  children: (attributes: Record<string, string | boolean>) => ComponentChildren;
}

/** A field of a form, and below it what is wrong with its value. Its name is its id, so a page has one of each name. */
export function Field({ name, label, error, children }: FieldProps): JSX.Element {
  const invalid = error === undefined ? {} : { 'aria-invalid': 'true', 'aria-describedby': `${name}-error` };
  return (
    <div class="field grows">
      <label for={name}>{label}</label>
      {children({ id: name, name, autocomplete: 'off', ...invalid })}
      {error === undefined ? null : (
        <p class="field-error" id={`${name}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
