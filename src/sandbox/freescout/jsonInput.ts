import type { Context } from 'koa';
import { jsonObject, rawBody } from '../receiveBody.ts';

export type Input = Record<string, unknown>;

/**
 * The input as the framework parses it: the query, overridden by the JSON body. A body that is not a JSON
 * object, or has no JSON content type, counts as empty. Strings are trimmed; empty ones become null.
 */
export function inputOf(ctx: Context): Input {
  const query = Object.fromEntries(new URLSearchParams(ctx.querystring));
  // A content type such as `text/plain;a=/json` needs no permission of the server when a web site sends it.
  const isJson = /^\s*application\/([\w.-]+\+)?json\s*(;|$)/i.test(ctx.get('content-type'));
  const json = isJson ? jsonObject(rawBody(ctx).toString('utf8')) : {};
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

/** PHP treats lists and keyed objects alike; null for anything else. */
export function listOf(value: unknown): unknown[] | null {
  if (Array.isArray(value)) return value;
  return isRecord(value) ? Object.values(value) : null;
}

/** Strings and numbers as a string, null for anything else. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : null;
}

/** A whole number, given as a number or a string; null for anything else. */
export function idOf(value: unknown): number | null {
  const text = textOf(value);
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** An ISO date, offsets included. Throws on an invalid date, as the real parser does. */
export function dateOf(value: unknown): Date {
  const date = new Date(String(value));
  if (Number.isNaN(date.getTime())) throw new Error(`Unparsable date: ${String(value)}`);
  return date;
}
