import { z } from 'zod';
import type { Fault } from '../../lib/problem.ts';
import { maskSecrets } from '../../log/secretTexts.ts';
import type { NewSilence } from '../../model/silences.ts';
import { checkInput } from '../input.ts';
import { cursor, instant, limit, line, writtenReason } from './fields.ts';
import { readLabelLines } from './labelLines.ts';
import { name } from './openapiRegistry.ts';

const MAX_LABELS = 20;
const MAX_DAYS = 366;
const DAY_MS = 86_400_000;

/** `*` stands for any text. */
const pattern = line(400);

const matchers = z
  .strictObject({
    source: pattern.optional(),
    surface_id: pattern.optional(),
    alert_key: pattern.optional(),
    labels: z
      // Labels of alerts have our secrets masked too.
      .record(line(200), pattern.transform(maskSecrets))
      .refine((labels) => Object.keys(labels).length <= MAX_LABELS, `Expected at most ${MAX_LABELS} labels`)
      .optional(),
  })
  .refine(
    ({ labels = {}, ...others }) => Object.keys({ ...others, ...labels }).length > 0,
    'Expected a source, a surface, an alert key or a label',
  );

const silence = z.strictObject({
  matchers,
  until: instant
    .refine((until) => until.getTime() > Date.now(), 'Expected a time in the future')
    .refine((until) => until.getTime() < Date.now() + MAX_DAYS * DAY_MS, `Expected at most ${MAX_DAYS} days from now`),
  reason: writtenReason,
});

/** What a caller asks for; or the fields of a refused form, so that the page can show them again beside the faults. */
export type SilenceInput = { silence: NewSilence } | { silence: null; fields: SilenceFields; faults: readonly Fault[] };

export const newSilence = name(
  'NewSilence',
  silence.transform((accepted): SilenceInput => ({ silence: accepted })),
);

const text = z.string().max(20_000).default('');
const fields = z.strictObject({
  ...{ source: text, surface_id: text, alert_key: text },
  /** See {@link readLabelLines}. */
  labels: text,
  /** The page asks for a duration, so that the time zone of the reader does not matter. */
  minutes: text,
  reason: text,
});
export type SilenceFields = z.infer<typeof fields>;

export const silenceForm = fields.transform((typed): SilenceInput => {
  const { minutes, reason, labels: lines, ...others } = typed;
  const { labels, faults } = readLabelLines(lines);
  const given = Object.entries(others).filter(([, value]) => value !== '');
  const duration = /^\d{1,6}$/.test(minutes) ? Number(minutes) : 0;
  const value = {
    matchers: {
      ...Object.fromEntries(given),
      ...(Object.keys(labels).length > 0 && { labels }),
    },
    until: new Date(Date.now() + duration * 60_000).toISOString(),
    reason,
  };
  const checked = checkInput(silence, value, 'matchers');
  if (checked.data && faults.length === 0) return { silence: checked.data };
  return { silence: null, fields: typed, faults: [...faults, ...checked.faults] };
});

export const silenceParams = z.object({ id: line(20) });
export const silencesQuery = z.object({ cursor, limit });
/** `alert`: fills the form in for this alert. */
export const newSilenceQuery = z.object({ alert: line(400).optional() });
