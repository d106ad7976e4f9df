import { z } from 'zod';
import { SENDERS } from '../../alerts/senders/registry.ts';
import type { Answer, Endpoint } from '../endpoint.ts';
import * as answers from '../schemas/answers.ts';

/** What the API description says about the routes of senders. */

type Method = Endpoint['method'];

export type Params = {
  [name in 'sender' | 'source' | 'token' | 'identifier' | 'action' | 'item']?: string | undefined;
};

/** The parameters that a path names. Any text is one: the route decides what it stands for, and whether it exists. */
export function paramsOf(path: string, method: Method): z.ZodType<Params> {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  const schemaOf = (name: string) => (name === 'sender' ? z.string().meta({ enum: senders(method) }) : z.string());
  return z.object(Object.fromEntries(names.map((name) => [name, schemaOf(name)])));
}

const senders = (method: Method): string[] =>
  SENDERS.filter(({ methods }) => methods.some((each) => each === method)).map(({ name }) => name);

/** Any type where any sender may call; what is no JSON becomes a dead letter. */
export const bodyTypesOf = (sender: string | undefined): readonly string[] =>
  sender === undefined ? ['*/*'] : ['application/json'];

/** PagerDuty's token is in the body, and what follows the sender in the address may be a token. */
export function tokenIn(path: string, method: Method, sender: string | undefined): 'headers' | 'anywhere' {
  const mayBePagerDuty = method === 'post' && (sender ?? 'pagerduty') === 'pagerduty';
  return path.includes(':source') || mayBePagerDuty ? 'anywhere' : 'headers';
}

export const SUMMARY =
  'Takes a request of an alert sender as it is. The source and its token are in headers, or follow the sender in the path.';

export function answersOf(method: Method, sender: string | undefined): Record<number, Answer> {
  const taken = { description: 'Stored durably. Its alerts are taken within a second or so.' };
  if (sender !== undefined) return { 202: { ...taken, schema: OWN[sender] ?? answers.taken }, ...REFUSALS };
  return {
    200: { description: 'Stored durably; senders that insist on it get 200.', schema: answers.taken },
    202: { ...taken, schema: method === 'post' ? answers.stored : answers.taken },
    ...REFUSALS,
  };
}

const OWN: Record<string, z.ZodType> = { pagerduty: answers.storedEvent, opsgenie: answers.storedAlert };

const REFUSALS: Record<number, Answer> = {
  401: { description: 'The token is missing or invalid.' },
  403: { description: 'The token belongs to another source, or the source to another sender.' },
  413: { description: 'The body is larger than 8 MiB.' },
  429: {
    description:
      'Too many requests of this source wait, or came within a minute, for senders that then retry (`too_many_requests`).',
  },
  503: { description: 'The same for other senders, or the database is unavailable (`busy`, `database_unavailable`).' },
};
