import type { VNode } from 'preact';
import type { z } from 'zod';
import type { Role } from '../config/config.ts';
import type { Ctx } from './context.ts';
import type { Flash } from './flash.ts';

/** A page before its frame: what is on it, and under which heading of the navigation. */
export interface Page {
  title: string;
  section: Section | null;
  body: VNode;
  /** Prefixes of the actor ids whose change makes it worth another look; none where nothing changes. */
  live: readonly string[];
}

export type Section = 'status' | 'alerts' | 'customers' | 'audit' | 'flags' | 'inspect' | 'dead-letters' | 'sessions';

/** What a route answers, before it is known whether a browser or a script asked. */
export type Reply =
  /** Something to read: JSON, or the page. */
  | { kind: 'view'; status?: number; json: unknown; page: () => Page }
  /** Something was done: JSON, or back to a page that says so; `outcome` for those who stay on the page. */
  | { kind: 'done'; json: unknown; back: string; flash: Flash; outcome?: () => VNode }
  | { kind: 'json'; status?: number; json: unknown }
  | { kind: 'redirect'; to: string }
  | { kind: 'text'; type: string; text: string }
  /** The route has written the answer itself. */
  | { kind: 'written' };

/** `anyone` needs no sign-in; `sender` is for alert senders (and the local developer). */
export type Access = 'anyone' | 'sender' | Role;

export interface Answer {
  what: string;
  schema?: z.ZodType;
  /** Also given as a page. */
  page?: boolean;
  /** The media type, where it is not JSON. */
  type?: string;
}

interface Shape<P, Q, B> {
  method: 'get' | 'post' | 'delete';
  path: string;
  access: Access;
  summary: string;
  params?: z.ZodType<P>;
  query?: z.ZodType<Q>;
  /** The JSON body; routes without one take none, or an empty object. */
  body?: z.ZodType<B>;
  /** The same as a form of our pages sends it. */
  form?: z.ZodType<B>;
  /** The body is for the route to read, byte by byte. */
  raw?: boolean;
  answers: Record<number, Answer>;
}

export interface Endpoint extends Shape<unknown, unknown, unknown> {
  handle(ctx: Ctx, input: { params: unknown; query: unknown; body: unknown }): Promise<Reply> | Reply;
}

interface TypedEndpoint<P, Q, B> extends Shape<P, Q, B> {
  handle(ctx: Ctx, input: { params: P; query: Q; body: B }): Promise<Reply> | Reply;
}

/** One route: who may call it, what it takes and what it answers; routing, checks and the API description follow from it. */
export function endpoint<P = unknown, Q = unknown, B = unknown>(shape: TypedEndpoint<P, Q, B>): Endpoint {
  return {
    ...shape,
    // The router calls it only with what these very schemas have let through.
    handle: (ctx, input) => shape.handle(ctx, input as { params: P; query: Q; body: B }),
  };
}
