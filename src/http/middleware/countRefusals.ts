import type { Middleware } from 'koa';
import { Problem, type ProblemCode } from '../../lib/problem.ts';
import type { RefusalKind, Refuse } from '../../model/people.ts';
import type { RequestState } from '../context.ts';

const KINDS: Partial<Record<ProblemCode, RefusalKind>> = { forbidden: 'forbidden', csrf: 'csrf' };

/** Records the refusals that show somebody trying what they may not. Wrong tokens and sign-ins are recorded where they fail. */
export function countRefusals(refused: Refuse): Middleware<RequestState> {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      const kind = error instanceof Problem ? KINDS[error.code] : undefined;
      if (kind !== undefined) refused(kind, ctx.ip);
      throw error;
    }
  };
}
