import { z } from 'zod';
import type { FileError, LineOf } from './fileErrors.ts';
import { reopenWithin } from './fileFields.ts';

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
};

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const MAX_SECONDS = 31 * 86_400;

/** `30s`, `5m`, `4h` or `1d` in seconds; null for `once`. */
const interval = z
  .string()
  .regex(/^(?:once|[1-9]\d{0,6}[smhd])$/)
  .transform((text) => (text === 'once' ? null : Number(text.slice(0, -1)) * (SECONDS[text.slice(-1)] ?? 1)))
  .refine((seconds) => seconds === null || seconds <= MAX_SECONDS);

const sourceSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9_.-]{0,62}$/),
    repeat_interval: interval.optional(),
    stable_ids: z.boolean().default(false),
    silent_after_minutes: z.int().min(1).max(100_000).optional(),
    reopen_within_minutes: reopenWithin.optional(),
  })
  .transform(({ id, repeat_interval, stable_ids, silent_after_minutes, reopen_within_minutes }) => ({
    id,
    /** Null: it sends an alert once. Left out: learned from what it sends. */
    ...(repeat_interval === undefined ? {} : { repeatSeconds: repeat_interval }),
    stableIds: stable_ids,
    ...(silent_after_minutes === undefined ? {} : { silentAfterMinutes: silent_after_minutes }),
    /** 0: off. Left out: REOPEN_WITHIN_MINUTES. */
    ...(reopen_within_minutes === undefined ? {} : { reopenWithinMinutes: reopen_within_minutes }),
  }));

export const sourcesSchema = z.array(sourceSchema).max(1_000);

/** One source of the file. Survives JSON unchanged. */
export interface SourceConfig {
  id: string;
  repeatSeconds?: number | null;
  stableIds: boolean;
  silentAfterMinutes?: number;
  reopenWithinMinutes?: number;
}

export function duplicateSources(sources: readonly SourceConfig[], lineOf: LineOf): FileError[] {
  const seen = new Set<string>();
  return sources.flatMap(({ id }, n) => {
    const isFirst = !seen.has(id);
    seen.add(id);
    const field = `sources.${n}.id`;
    return isFirst ? [] : [{ line: lineOf(['sources', n, 'id']), field, problem: `repeats ${id}; keep one of them` }];
  });
}
