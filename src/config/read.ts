import type { z } from 'zod';
import { withSslMode } from './databaseTls.ts';
import { readSecretFiles } from './secretFiles.ts';
import { schema, type Values } from './settings.ts';
import { type Setting, type SettingError, settingsIn, treeOf } from './settingsTree.ts';
import { unsafeSettings } from './unsafe.ts';

export const SETTINGS = settingsIn(schema);

export type { SettingError } from './settingsTree.ts';

export interface Reading {
  /** Faulty variables count as unset here, and in production those that are not safe too. */
  values: Values;
  /** The variables that are set, valid or not. */
  given: ReadonlySet<string>;
  errors: SettingError[];
  /** What is not safe, outside production. */
  warnings: SettingError[];
}

/** Reads every variable. Blank counts as unset. What must be set is checked in `rules.ts`. */
export function readSettings(env: NodeJS.ProcessEnv): Reading {
  const files = readSecretFiles(env);
  const texts = new Map(files.texts);
  for (const { variable } of SETTINGS) {
    const text = env[variable]?.trim() ?? '';
    if (text !== '') texts.set(variable, text);
  }
  const { values, errors } = parse(texts);
  const unsafe = unsafeSettings(values);
  const sentences = unsafe.map(({ variable, what, without = [] }) => ({ ...errorFor(variable, what), without }));
  const given = new Set([...texts.keys(), ...files.given]);
  if (values.nodeEnv !== 'production') {
    return { values, errors: [...files.errors, ...errors], warnings: sentences, given };
  }
  const refused = new Set(unsafe.flatMap(({ variable, without = [] }) => [variable, ...without]));
  const safe = parse(new Map([...texts].filter(([variable]) => !refused.has(variable))));
  return { values: safe.values, errors: [...files.errors, ...errors, ...sentences], warnings: [], given };
}

/** Parses again without the invalid variables, until the rest is valid: a check of two settings needs both to be valid. */
function parse(texts: ReadonlyMap<string, string>): Pick<Reading, 'values' | 'errors'> {
  const result = schema.safeParse(treeOf(schema, texts));
  if (result.success) return { values: withTls(result.data), errors: [] };
  const errors = result.error.issues.flatMap((issue) => errorsOf(issue, texts));
  if (errors.length === 0) throw result.error;
  const invalid = new Set(errors.map(({ variable }) => variable));
  const rest = parse(new Map([...texts].filter(([variable]) => !invalid.has(variable))));
  return { values: rest.values, errors: [...errors, ...rest.errors] };
}

/**
 * A check of two settings reports one of them. If that one has its default, the `params` of the issue say what is wrong
 * with the other, which somebody has set.
 */
function errorsOf(issue: z.core.$ZodIssue, texts: ReadonlyMap<string, string>): SettingError[] {
  const { path, message } = issue;
  const setting = SETTINGS.find((candidate) => candidate.path.every((key, index) => key === path[index]));
  if (setting && texts.has(setting.variable)) return [errorFor(setting.variable, message)];
  const others = Object.entries(issue.code === 'custom' ? (issue.params ?? {}) : {});
  return others.filter(([variable]) => texts.has(variable)).map(([variable, what]) => errorFor(variable, what));
}

function withTls(values: Values): Values {
  const { database } = values;
  const of = (address: string | null) => withSslMode(address, database.sslMode);
  const addresses = {
    url: of(database.url),
    directUrl: of(database.directUrl),
    ownerUrl: of(database.ownerUrl),
    readerUrl: of(database.readerUrl),
  };
  return { ...values, database: { ...database, ...addresses } };
}

/** The sentence for a variable: `what` follows its name. */
function errorFor(variable: string, what: string): SettingError {
  const setting = SETTINGS.find((candidate) => candidate.variable === variable) as Setting;
  const unset = setting.hasDefault ? `, or leave it unset for ${setting.unset}` : '';
  return { variable, sentence: `${variable} ${what}: set it to ${setting.meaning}${unset}.` };
}

export const missing = (variable: string, why = ''): SettingError => errorFor(variable, `is not set${why}`);
