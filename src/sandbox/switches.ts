/** A condition of a simulated server that lasts until it is switched back. */
export interface Switch {
  name: string;
  /** What fails while it is not as usual. */
  trouble: string;
  on: boolean;
  usual: boolean;
}

export interface Switches {
  all(): Record<string, boolean>;
  list(): Switch[];
  /** Returns false when there is no switch with that name. */
  set(name: string, on: boolean): boolean;
}

/** Switches over the values themselves, which are as usual now. `troubles` has a text for each. */
export function createSwitches<T extends Record<keyof T, boolean>>(
  values: T,
  troubles: Record<keyof T & string, string>,
): Switches {
  const usual = { ...values };
  const names = Object.keys(troubles) as (keyof T & string)[];
  return {
    all: () => ({ ...values }),
    list: () => names.map((name) => ({ name, trouble: troubles[name], on: values[name], usual: usual[name] })),
    set(name, on) {
      const known = names.find((each) => each === name);
      if (known !== undefined) Object.assign(values, { [known]: on });
      return known !== undefined;
    },
  };
}
