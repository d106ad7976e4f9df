import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import { isDatabaseGone, isMissingInDatabase } from '../../db/databaseGone.ts';
import { Problem } from '../../lib/problem.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import type { Ctx, RequestState } from '../context.ts';

/** The database is usually back, and a queue shorter, after so long. */
const RETRY_AFTER_SECONDS = '10';

export type RespondWithProblem = (ctx: Ctx, problem: Problem) => void;

interface Deps extends Pick<ConsoleApi, 'awaitsMigration'> {
  log: Logger;
  show: RespondWithProblem;
}

/** Turns every error into a Problem, shown as JSON or a page. Unexpected errors are logged with their stack, not shown. */
export function errors({ log, show, awaitsMigration }: Deps): Middleware<RequestState> {
  return async (ctx, next) => {
    try {
      await next();
      const unanswered = ctx.body === undefined || ctx.body === null;
      if (unanswered && ctx.respond !== false) throwForStatus(ctx.status);
    } catch (error) {
      const problem = asProblem(error, awaitsMigration);
      if (problem.code === 'internal') {
        log.error({ err: error, request_id: ctx.state.requestId, method: ctx.method }, 'request failed');
      } else if (problem.status === 503 && ctx.writable) {
        log.warn(
          // With the error, the report of a lost database replaces this line.
          { request_id: ctx.state.requestId, code: problem.code, reason: reasonOf(problem), err: problem.cause },
          'request not served',
        );
      }
      if (ctx.headerSent || !ctx.writable) return;
      if (problem.status === 503 && !ctx.res.hasHeader('Retry-After')) ctx.set('Retry-After', RETRY_AFTER_SECONDS);
      // The rest of an oversized body is not read, so the connection cannot be used again.
      if (problem.code === 'body_too_large') ctx.set('Connection', 'close');
      show(ctx, problem);
    }
  };
}

function throwForStatus(status: number): void {
  if (status === 404) throw new Problem('not_found', 'Not found.');
  if (status === 405) throw new Problem('method_not_allowed', 'Method not allowed.');
  if (status === 501) throw new Problem('not_implemented', 'Method not implemented.');
}

function asProblem(error: unknown, awaitsMigration: () => boolean): Problem {
  if (error instanceof Problem) return error;
  if (isDatabaseGone(error) || (isMissingInDatabase(error) && awaitsMigration())) {
    return new Problem('database_unavailable', 'The database is unavailable.', { cause: error });
  }
  return new Problem('internal', 'An internal error occurred. It has been logged.', { cause: error });
}

const reasonOf = (problem: Problem) => (problem.cause instanceof Error ? problem.cause.message : problem.message);
