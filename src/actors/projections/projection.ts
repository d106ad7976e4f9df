import type { AnyStateMachine, ContextFrom, StateValueFrom } from 'xstate';

/**
 * SQL fragments over the state and the snapshot of one kind of actor. Each name of a state or a context field is checked
 * against the machine by the compiler: renaming it there is an error here, and not a query that finds nothing.
 */
export interface Projection<M extends AnyStateMachine> {
  /** Whether the actor is in this state without children: `ticket.stormed`. `state` is the column or expression. */
  isIn(path: AtomicPath<StateValueFrom<M>>, state?: string): string;
  /** Whether the actor is in this state that has children: `health.outage`. */
  isWithin(path: CompoundPath<StateValueFrom<M>>, state?: string): string;
  /** Name of the current child of this region or state as text; null where the actor is not in it. */
  childOf(path: CompoundPath<StateValueFrom<M>>, state?: string): string;
  /** State value of this region as jsonb: a string, or an object where the current child has children. */
  region(path: CompoundPath<StateValueFrom<M>>, state?: string): string;
  /** A context field as text: `title`, or `ticket.id` inside of one. `context` is an expression such as `contextOf('a')`. */
  text(path: FieldPath<ContextFrom<M>>, context?: string): string;
  /** A context field as jsonb. */
  json(path: FieldPath<ContextFrom<M>>, context?: string): string;
}

/** Names of the children of the region or state at `Path`. */
export type ChildState<M extends AnyStateMachine, Path extends CompoundPath<StateValueFrom<M>>> = Extract<
  At<StateValueFrom<M>, Path>,
  string
>;

/** The whole context as jsonb, of the row with this alias. */
export const contextOf = (row?: string): string => `${row === undefined ? '' : `${row}.`}snapshot->'context'`;

export function projectionOf<M extends AnyStateMachine>(): Projection<M> {
  return {
    isIn: (path, state = 'state') => {
      const { above, last } = split(path);
      return above.length === 0 ? `${state} ? '${last}'` : `${textAt(state, above)} = '${last}'`;
    },
    isWithin: (path, state = 'state') => {
      const { above, last } = split(path);
      return `${jsonAt(state, above)} ? '${last}'`;
    },
    childOf: (path, state = 'state') => textAt(state, path.split('.')),
    region: (path, state = 'state') => jsonAt(state, path.split('.')),
    text: (path, context = contextOf()) => textAt(context, path.split('.')),
    json: (path, context = contextOf()) => jsonAt(context, path.split('.')),
  };
}

/** Names of the object members of a state value: the states that have children. */
type Compound<Value> = Value extends object ? keyof Value & string : never;
type Child<Value, Name> = Value extends object ? (Name extends keyof Value ? NonNullable<Value[Name]> : never) : never;

type CompoundPath<Value> = {
  [Name in Compound<Value>]: Name | `${Name}.${CompoundPath<Child<Value, Name>>}`;
}[Compound<Value>];

/** The states without children. */
export type AtomicPath<Value> =
  | Exclude<Extract<Value, string>, Compound<Value>>
  | { [Name in Compound<Value>]: `${Name}.${AtomicPath<Child<Value, Name>>}` }[Compound<Value>];

type At<Value, Path> = Path extends `${infer Name}.${infer Rest}` ? At<Child<Value, Name>, Rest> : Child<Value, Path>;

type Field<T> = T extends readonly unknown[] ? never : T extends object ? keyof T & string : never;
type FieldPath<Context> = {
  [Name in Field<Context>]: Name | `${Name}.${Field<NonNullable<Context[Name & keyof Context]>>}`;
}[Field<Context>];

function split(path: string): { above: string[]; last: string } {
  const names = path.split('.');
  return { above: names.slice(0, -1), last: names.at(-1) ?? '' };
}

const jsonAt = (column: string, names: readonly string[]): string =>
  [column, ...names.map((name) => `'${name}'`)].join('->');

const textAt = (column: string, names: readonly string[]): string =>
  `${jsonAt(column, names.slice(0, -1))}->>'${names.at(-1)}'`;
