import jsonata from 'jsonata';
import { z } from 'zod';
import type { Severity } from '../../machines/shared/protocol.ts';
import { SENDER_NAMES } from '../alerts/senders/registry.ts';
import { isTitleTemplate } from '../alerts/senders/titleTemplate.ts';
import { isOwnSource } from '../config/ownSources.ts';
import type { FileError, LineOf } from './fileErrors.ts';
import { line, reopenWithin, whole } from './fileFields.ts';

/** The part `sources` of the surfaces file: how senders of alerts behave. */

/** What to write in each field. */
export const SOURCE_HINTS: Record<string, string> = {
  sources: 'a list of sources of alerts, each starting with "- id:"',
  'sources[]': 'a map with id',
  'sources[].id': '1 to 63 lower-case letters, digits, "_", "." and "-", starting with a letter or digit',
  'sources[].repeat_interval': 'once, or how often an active alert is repeated, e.g. 30s, 5m or 4h; or leave it out',
  'sources[].stable_ids': 'true if an alert keeps its alert_id while it is active, or leave it out',
  'sources[].silent_after_minutes': 'whole minutes from 1 to 100000, e.g. 60, or leave it out',
  'sources[].reopen_within_minutes': 'whole minutes from 0 (off) to 10080, e.g. 30, or leave it out',
  'sources[].kind': `one of ${SENDER_NAMES.join(', ')}, or leave it out`,
  'sources[].severity':
    "a map from the sender's words to P1, P2, P3 or none, such as critical: P1; default is for all other words",
  'sources[].surface_label': 'the name of the label whose value names the surface, e.g. surface',
  'sources[].surfaces': 'a map from values of that label to ids of surfaces',
  'sources[].token_env': 'the name of an environment variable that holds the token, e.g. GRAFANA_TOKEN',
  'sources[].title':
    'a text of 1 to 300 characters in which {{title}}, {{surface}} and {{labels.NAME}} stand for what the alert has, such as "{{labels.service}}: {{title}}"',
  'sources[].storm_max_tickets': 'a whole number from 1 to 100000, e.g. 50, or leave it out',
  'sources[].shadow': 'true if nothing about its alerts is posted, or leave it out',
  'sources[].mapping': 'a JSONata expression that gives alert_id, status and title, for kind generic only',
};

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const MAX_SECONDS = 31 * 86_400;

/** `30s`, `5m`, `4h` or `1d` in seconds; null for `once`. */
const interval = z
  .string()
  .regex(/^(?:once|[1-9]\d{0,6}[smhd])$/)
  .transform((text) => (text === 'once' ? null : Number(text.slice(0, -1)) * (SECONDS[text.slice(-1)] ?? 1)))
  .refine((seconds) => seconds === null || seconds <= MAX_SECONDS);

const word = z.string().min(1).max(100);
const severityMap = z
  .record(word, z.enum(['P1', 'P2', 'P3', 'none']))
  .transform((map) => Object.fromEntries(Object.entries(map).map(([name, value]) => [name.toLowerCase(), value])));
const mapping = z.string().max(20_000).refine(isExpression);

const sourceSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9_.-]{0,62}$/),
    repeat_interval: interval.optional(),
    stable_ids: z.boolean().default(false),
    silent_after_minutes: z.int().min(1).max(100_000).optional(),
    reopen_within_minutes: reopenWithin.optional(),
    kind: z.enum(SENDER_NAMES).optional(),
    severity: severityMap.optional(),
    surface_label: word.optional(),
    surfaces: z.record(z.string().min(1).max(1_000), z.string()).optional(),
    token_env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]{0,199}$/)
      .optional(),
    title: line(300).refine(isTitleTemplate).optional(),
    storm_max_tickets: whole(100_000).optional(),
    shadow: z.boolean().optional(),
    mapping: mapping.optional(),
  })
  .refine(({ kind, mapping }) => mapping === undefined || kind === 'generic', { path: ['mapping'] })
  .transform(
    (read): SourceConfig => ({
      ...present({
        repeatSeconds: read.repeat_interval,
        silentAfterMinutes: read.silent_after_minutes,
        reopenWithinMinutes: read.reopen_within_minutes,
        kind: read.kind,
        severity: read.severity,
        surfaceLabel: read.surface_label,
        surfaces: read.surfaces,
        tokenEnv: read.token_env,
        title: read.title,
        stormMaxTickets: read.storm_max_tickets,
        shadow: read.shadow === true ? true : undefined,
        mapping: read.mapping,
      }),
      id: read.id,
      stableIds: read.stable_ids,
    }),
  );

const present = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

function isExpression(text: string): boolean {
  try {
    jsonata(text);
    return true;
  } catch {
    // The hint of the field says what to write.
    return false;
  }
}

export const sourcesSchema = z.array(sourceSchema).max(1_000);

/** One source of the file. Survives JSON unchanged. */
export interface SourceConfig {
  id: string;
  /** Null: it sends an alert once. Left out: learned from what it sends. */
  repeatSeconds?: number | null;
  stableIds: boolean;
  silentAfterMinutes?: number;
  reopenWithinMinutes?: number;
  /** The sender whose requests it takes; left out, those of any. */
  kind?: string;
  /** By the sender's words in lower case; `default` for all others. */
  severity?: Record<string, Severity | 'none'>;
  surfaceLabel?: string;
  /** Surface ids by the value of that label. */
  surfaces?: Record<string, string>;
  /** The environment variable with its token. */
  tokenEnv?: string;
  /** The template of titles. */
  title?: string;
  stormMaxTickets?: number;
  /** Its alerts are decided and composed, and nothing is posted. */
  shadow?: true;
  /** A JSONata expression. */
  mapping?: string;
}

/** Sources whose token is in a variable that has no value here. */
export const sourcesWithoutToken = (sources: readonly SourceConfig[], env: NodeJS.ProcessEnv): SourceConfig[] =>
  sources.filter(({ tokenEnv }) => tokenEnv !== undefined && !env[tokenEnv]);

export function duplicateSources(sources: readonly SourceConfig[], lineOf: LineOf): FileError[] {
  const seen = new Set<string>();
  return sources.flatMap(({ id }, n) => {
    const isFirst = !seen.has(id);
    seen.add(id);
    const field = `sources.${n}.id`;
    return isFirst ? [] : [{ line: lineOf(['sources', n, 'id']), field, problem: `repeats ${id}; keep one of them` }];
  });
}

/** What the console itself reports may be configured, but has no sender, whose alerts could have the ids of its own. */
export function sendersOfOwnSources(sources: readonly SourceConfig[], lineOf: LineOf): FileError[] {
  return sources.flatMap(({ id, kind, tokenEnv }, n) => {
    if (!isOwnSource(id)) return [];
    const given = Object.entries({ kind, token_env: tokenEnv }).filter(([, value]) => value !== undefined);
    return given.map(([name]) => ({
      line: lineOf(['sources', n, name]),
      field: `sources.${n}.${name}`,
      problem: `makes a sender of ${id}, which is a source of the console itself; leave it out, or write another id`,
    }));
  });
}

/** A surface that the label of a source leads to must be in the file. */
export function unknownSurfaces(
  sources: readonly SourceConfig[],
  known: ReadonlySet<string>,
  lineOf: LineOf,
): FileError[] {
  return sources.flatMap(({ surfaces = {} }, n) =>
    Object.entries(surfaces).flatMap(([value, id]) => {
      if (known.has(id)) return [];
      const field = `sources.${n}.surfaces.${value}`;
      return [
        { line: lineOf(['sources', n, 'surfaces', value]), field, problem: `names ${id}, which is not a surface` },
      ];
    }),
  );
}
