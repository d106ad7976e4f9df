import type { Problem } from '../lib/problem.ts';
import type { Ctx } from './context.ts';
import type { RespondWithProblem } from './middleware/errors.ts';
import { wantsFragment, wantsPage } from './negotiate.ts';
import type { Pages } from './pages.tsx';
import { json, seeOther } from './reply.ts';

/** Shows a problem as JSON or as a page. A browser that is not signed in is sent to the sign-in page instead. */
export function createProblemResponder({
  pages,
  signInEnabled,
}: {
  pages: Pages;
  signInEnabled: boolean;
}): RespondWithProblem {
  return (ctx, problem) => {
    ctx.vary(['Accept', 'HX-Request']);
    if (!wantsPage(ctx)) return json(ctx, errorBody(problem), problem.status);
    if (signInEnabled && needsSignIn(ctx, problem))
      return seeOther(ctx, `/sign-in?${new URLSearchParams({ to: ctx.originalUrl })}`);
    pages.problem(ctx, problem);
  };
}

function needsSignIn(ctx: Ctx, problem: Problem): boolean {
  const isRead = ctx.method === 'GET' || ctx.method === 'HEAD';
  return problem.code === 'unauthenticated' && isRead && !wantsFragment(ctx) && ctx.get('authorization') === '';
}

function errorBody({ code, message, field, faults }: Problem): unknown {
  const where = field === undefined ? {} : { field };
  return { error: { code, message, ...where, ...(faults.length > 1 ? { faults } : {}) } };
}
