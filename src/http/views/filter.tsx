import type { ComponentChildren, JSX } from 'preact';

interface FilterProps {
  path: string;
  /** A filter is set, so the form offers to clear it. */
  active: boolean;
  children: ComponentChildren;
}

/** A GET form, so that a filtered list has an address that can be bookmarked and shared. */
export function Filter({ path, active, children }: FilterProps): JSX.Element {
  return (
    <form class="filter" method="get" action={path}>
      {children}
      <div class="filter-acts">
        <button type="submit" class="button">
          Apply
        </button>
        {active ? <a href={path}>Clear</a> : null}
      </div>
    </form>
  );
}

interface FieldProps {
  label: string;
  value: string | undefined;
}

export function SearchField({ label, value }: FieldProps): JSX.Element {
  return (
    <label class="field grows">
      <span>{label}</span>
      <input type="search" name="q" value={value ?? ''} maxLength={200} autocomplete="off" />
    </label>
  );
}

export function TextField({ name, label, value, hint }: FieldProps & { name: string; hint?: string }): JSX.Element {
  return (
    <label class="field">
      <span>{label}</span>
      <input type="text" name={name} value={value ?? ''} placeholder={hint} autocomplete="off" spellcheck={false} />
    </label>
  );
}

interface SelectProps extends FieldProps {
  name: string;
  /** The label of the empty option. */
  any: string;
  options: Record<string, string>;
}

export function SelectField({ name, label, any, options, value }: SelectProps): JSX.Element {
  return (
    <label class="field">
      <span>{label}</span>
      <select name={name}>
        <option value="" selected={value === undefined}>
          {any}
        </option>
        {Object.entries(options).map(([option, text]) => (
          <option key={option} value={option} selected={option === value}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
