import type { Middleware } from 'koa';
import { Problem, type ProblemCode } from '../../lib/problem.ts';
import type { RefusalKind, Refuse } from '../../model/people.ts';
import type { RequestState } from '../context.ts';

const KINDS: Partial<Record<ProblemCode, RefusalKind>> = { forbidden: 'forbidden', csrf: 'csrf' };
/** Of sources only, whose senders should be set up differently. */
const KINDS_OF_SOURCES: typeof KINDS = { body_too_large: 'too_large' };

/** Records the refusals that show somebody trying what they may not. Wrong tokens and sign-ins are recorded where they fail. */
export function countRefusals(refused: Refuse): Middleware<RequestState> {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      const { source } = ctx.state;
      if (error instanceof Problem) {
        const kind = KINDS[error.code] ?? (source === null ? undefined : KINDS_OF_SOURCES[error.code]);
        if (kind !== undefined) refused(kind, ctx.ip, source);
      }
      throw error;
    }
  };
}
