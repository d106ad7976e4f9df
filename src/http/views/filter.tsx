import type { ComponentChildren, JSX } from 'preact';

interface FilterProps {
  path: string;
  /** Something is filtered now, so there is something to clear. */
  active: boolean;
  children: ComponentChildren;
}

/** What to show, as a plain form: its address can be sent to a colleague. */
export function Filter({ path, active, children }: FilterProps): JSX.Element {
  return (
    <form class="filter" method="get" action={path}>
      {children}
      <div class="filter-acts">
        <button type="submit" class="button">
          Show
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
  /** What stands for no choice. */
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
