import type { Middleware } from 'koa';
import type { Logger } from 'pino';
import { Problem } from '../../lib/problem.ts';
import type { Ctx, RequestState } from '../context.ts';
import { isDatabaseGone } from './databaseGone.ts';

export type ShowProblem = (ctx: Ctx, problem: Problem) => void;

/**
 * Outermost: whatever goes wrong becomes one Problem, shown as JSON or as a page. What we did not
 * foresee is logged with its stack and shown without it.
 */
export function errors(log: Logger, show: ShowProblem): Middleware<RequestState> {
  return async (ctx, next) => {
    try {
      await next();
      const unanswered = ctx.body === undefined || ctx.body === null;
      if (unanswered && ctx.respond !== false) refuse(ctx.status);
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code === 'internal') {
        log.error({ err: error, request_id: ctx.state.requestId, method: ctx.method }, 'request failed');
      } else if (problem.status === 503) {
        log.warn(
          { request_id: ctx.state.requestId, code: problem.code, reason: reasonOf(problem) },
          'request not served',
        );
      }
      if (ctx.headerSent || !ctx.writable) return;
      // The rest of an oversized body is not read, so the connection cannot be used again.
      if (problem.code === 'body_too_large') ctx.set('Connection', 'close');
      show(ctx, problem);
    }
  };
}

function refuse(status: number): void {
  if (status === 404) throw new Problem('not_found', 'There is nothing at this address.');
  if (status === 405) throw new Problem('method_not_allowed', 'This address does not answer to that method.');
  if (status === 501) throw new Problem('not_implemented', 'That method is not known here.');
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isDatabaseGone(error)) {
    return new Problem('database_unavailable', 'The database of this console cannot be reached.', { cause: error });
  }
  return new Problem('internal', 'Something went wrong here. It has been logged.', { cause: error });
}

const reasonOf = (problem: Problem) => (problem.cause instanceof Error ? problem.cause.message : problem.message);
