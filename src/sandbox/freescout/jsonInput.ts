import type { Context } from 'koa';
import { jsonObject, rawBody } from '../receiveBody.ts';

export type Input = Record<string, unknown>;

/**
 * What the framework makes of a request: the query, then the JSON body over it. A body that is no JSON
 * object, or does not say that it is JSON, counts as empty. Texts are trimmed, empty ones become null.
 */
export function inputOf(ctx: Context): Input {
  const query = Object.fromEntries(new URLSearchParams(ctx.querystring));
  const json = /[/+]json/.test(ctx.get('content-type')) ? jsonObject(rawBody(ctx).toString('utf8')) : {};
  return tidyRecord({ ...query, ...json });
}

function tidyRecord(record: object): Input {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, tidy(value)]));
}

function tidy(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/^[ \t\n\r\0\v]+|[ \t\n\r\0\v]+$/g, '') || null;
  if (Array.isArray(value)) return value.map(tidy);
  return isRecord(value) ? tidyRecord(value) : value;
}

export function isRecord(value: unknown): value is Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Lists and keyed objects are the same thing to PHP; null for anything else. */
export function listOf(value: unknown): unknown[] | null {
  if (Array.isArray(value)) return value;
  return isRecord(value) ? Object.values(value) : null;
}

/** Texts and numbers as text, null for the rest. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : null;
}

/** A whole number however it is written, or null. */
export function idOf(value: unknown): number | null {
  const text = textOf(value);
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** A date in ISO form, offsets included. Throws on what is none, as the real parser does. */
export function dateOf(value: unknown): Date {
  const date = new Date(String(value));
  if (Number.isNaN(date.getTime())) throw new Error(`Unparsable date: ${String(value)}`);
  return date;
}
