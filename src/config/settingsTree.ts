import { z } from 'zod';

const labels = z.registry<{ variable: string; unset: string }>();

/** An unset variable counts as if it were set to `fallback`. */
export const withDefault = <T>(variable: string, type: z.ZodType<T, string>, fallback: string) =>
  type.prefault(fallback).register(labels, { variable, unset: fallback });

/** An unset variable is null; `unset` tells the documentation what that means. */
export const optional = <T>(variable: string, type: z.ZodType<T, string>, unset: string) =>
  type.nullable().default(null).register(labels, { variable, unset });

export interface SettingError {
  variable: string;
  /** A whole sentence: the variable, what is wrong with it, what to set. Never a value. */
  sentence: string;
  /** Other variables that count as unset because of it. */
  without?: readonly string[];
}

export interface Setting {
  variable: string;
  /** What happens without the variable. */
  unset: string;
  /** `unset` is a value of the variable. */
  hasDefault: boolean;
  /** A noun phrase that follows "set it to". */
  meaning: string;
  /** The keys that lead to the value in the tree. */
  path: readonly string[];
}

/** Every setting of a tree of groups, in the order of the tree. */
export function settingsIn(group: z.ZodObject, parents: readonly string[] = []): Setting[] {
  return Object.entries(group.shape as Record<string, z.ZodType>).flatMap(([key, schema]) => {
    const path = [...parents, key];
    if (schema instanceof z.ZodObject) return settingsIn(schema, path);
    const { description: meaning = '' } = schema;
    return [{ ...labelOf(schema), path, meaning, hasDefault: schema instanceof z.ZodPrefault }];
  });
}

/** What the schema parses: the text of each variable at the place of its setting. */
export function treeOf(group: z.ZodObject, texts: ReadonlyMap<string, string>): object {
  const shape = Object.entries(group.shape as Record<string, z.ZodType>);
  return Object.fromEntries(
    shape.map(([key, schema]) => [
      key,
      schema instanceof z.ZodObject ? treeOf(schema, texts) : texts.get(labelOf(schema).variable),
    ]),
  );
}

function labelOf(schema: z.ZodType) {
  const label = labels.get(schema);
  if (!label) throw new Error('A setting is neither withDefault nor optional');
  return label;
}
