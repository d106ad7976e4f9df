import type { VNode } from 'preact';
import type { z } from 'zod';
import type { Role } from '../config/config.ts';
import type { IconLook } from './assets.ts';
import type { Ctx } from './context.ts';
import type { Flash } from './flash.ts';
import type { SharedHtml } from './sharedHtml.ts';
import type { Viewer } from './views/viewerContext.ts';

/** A page without its layout. */
export interface Page {
  title: string;
  /** The highlighted entry of the navigation. */
  section: Section | null;
  /** What comes above `body` and is the same for readers with the same permissions. */
  shared?: (viewer: Viewer) => SharedHtml;
  body: VNode;
  /** The icon of its tab; that of the program where it is left out. */
  icon?: IconLook;
  /** Prefixes of actor ids whose changes reload an open page; empty for a page that is not live. */
  live: readonly string[];
}

export type Section =
  | 'status'
  | 'alerts'
  | 'silences'
  | 'customers'
  | 'audit'
  | 'flags'
  | 'inspect'
  | 'dead-letters'
  | 'reconcile'
  | 'sources'
  | 'weekly'
  | 'sessions'
  | 'refusals';

/** What a route returns. `reply.ts` turns it into JSON or a page, as the caller prefers. */
export type Reply =
  /** Data: JSON, or a page. */
  | { kind: 'view'; status?: number; json: unknown; page: () => Page }
  /** The result of an action: JSON; or a redirect to `back`, which shows `flash`; or `outcome` for our own script. */
  | { kind: 'done'; json: unknown; back: string; flash: Flash; outcome?: () => VNode }
  | { kind: 'json'; status?: number; json: unknown }
  | { kind: 'redirect'; to: string }
  | { kind: 'text'; type: string; text: string }
  /** The route has written the response itself. */
  | { kind: 'written' };

/** `anyone` needs no sign-in; `sender` admits alert senders and the local developer. */
export type Access = 'anyone' | 'sender' | Role;

export interface Answer {
  description: string;
  schema?: z.ZodType;
  /** Also available as a page. */
  page?: boolean;
  /** The media type if it is not JSON. */
  type?: string;
}

interface Shape<P, Q, B> {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete' | 'options';
  path: string;
  access: Access;
  summary: string;
  params?: z.ZodType<P>;
  query?: z.ZodType<Q>;
  /** The JSON body; without a schema the route accepts no body or an empty object. */
  body?: z.ZodType<B>;
  /** The same input as a form on our pages sends it. */
  form?: z.ZodType<B>;
  /** The route reads the raw body itself. */
  raw?: boolean;
  /** The media types of the raw body, for the description; any where it is left out. */
  rawTypes?: readonly string[];
  /** Where the route itself looks for the token of a sender: in headers only, or in the address or the body too. */
  token?: 'headers' | 'anywhere';
  /** Found only by exactly this path. Other routes are found in any case, and with a slash at the end. */
  exactPath?: boolean;
  /** Longest body in bytes; 1 MiB if it is left out. */
  bodyLimit?: number;
  /** The route calls `reserveBody` before it reads the raw body, so that callers it refuses take no memory. */
  reservesBody?: boolean;
  answers: Record<number, Answer>;
}

interface Input<P, Q, B> {
  params: P;
  query: Q;
  body: B;
  /**
   * Waits until there is memory for a body of at most so many bytes of this caller; null if its token is in that body.
   * Returns what takes the real length once the body was read, and gives the rest back.
   */
  reserveBody(bodyLimit: number, caller: string | null): Promise<(bytes: number) => void>;
}

export interface Endpoint extends Shape<unknown, unknown, unknown> {
  handle(ctx: Ctx, input: Input<unknown, unknown, unknown>): Promise<Reply> | Reply;
}

interface TypedEndpoint<P, Q, B> extends Shape<P, Q, B> {
  handle(ctx: Ctx, input: Input<P, Q, B>): Promise<Reply> | Reply;
}

/** Defines one route. Routing, authorization, input checks and the OpenAPI description are derived from it. */
export function endpoint<P = unknown, Q = unknown, B = unknown>(shape: TypedEndpoint<P, Q, B>): Endpoint {
  return {
    ...shape,
    // The router calls it only with input that these schemas have accepted.
    handle: (ctx, input) => shape.handle(ctx, input as Input<P, Q, B>),
  };
}
