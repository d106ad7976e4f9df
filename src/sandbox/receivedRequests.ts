import type { IncomingHttpHeaders } from 'node:http';
import type { Middleware } from 'koa';
import { rawBody } from './receiveBody.ts';

export interface LoggedRequest {
  at: string;
  method: string;
  /** Path with its query. */
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** Null until the response is sent, and permanently when a fault suppresses it. */
  status: number | null;
}

export interface RequestLog {
  /** Oldest first; the last `limit` only. */
  entries: LoggedRequest[];
  middleware: Middleware;
  /** The entries without API keys, for display. */
  shown(): Omit<LoggedRequest, 'headers'>[];
  clear(): void;
}

const BODY_SHOWN = 20_000;
const SECRETS = 'api_key|token|client_secret|code_verifier';
const IN_QUERY = new RegExp(`\\b(${SECRETS})=[^&]*`, 'g');
const IN_BODY = new RegExp(`("?\\b(?:${SECRETS})"?[=:]"?)[^&"]*`, 'g');

/** Records requests inside `scope` and their status. Place it after `receiveBody` and around the faults. */
export function createRequestLog({ scope, limit = 2000 }: { scope: RegExp; limit?: number }): RequestLog {
  const entries: LoggedRequest[] = [];
  return {
    entries,
    async middleware(ctx, next) {
      if (!scope.test(ctx.path)) return next();
      const body = rawBody(ctx).toString('utf8').slice(0, BODY_SHOWN);
      const entry: LoggedRequest = {
        at: new Date().toISOString(),
        method: ctx.method,
        url: ctx.url,
        headers: ctx.headers,
        body,
        status: null,
      };
      entries.push(entry);
      if (entries.length > limit) entries.splice(0, entries.length - limit);
      await next();
      if (ctx.respond !== false) entry.status = ctx.status;
    },
    shown: () =>
      entries.map(({ headers: _, ...entry }) => ({
        ...entry,
        url: entry.url.replace(IN_QUERY, '$1=…'),
        body: entry.body.replace(IN_BODY, '$1…'),
      })),
    clear() {
      entries.length = 0;
    },
  };
}
