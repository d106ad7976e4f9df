import type { Problem } from '../lib/problem.ts';
import type { Ctx } from './context.ts';
import type { ShowProblem } from './middleware/errors.ts';
import { wantsFragment, wantsPage } from './negotiate.ts';
import type { Pages } from './pages.tsx';
import { json, seeOther } from './reply.ts';

/** One shape for everything that is refused or went wrong; who reads pages and is not signed in goes to sign in. */
export function createShowProblem({ pages, signInSet }: { pages: Pages; signInSet: boolean }): ShowProblem {
  return (ctx, problem) => {
    ctx.vary(['Accept', 'HX-Request']);
    if (!wantsPage(ctx)) return json(ctx, shapeOf(problem), problem.status);
    if (signInSet && asksToSignIn(ctx, problem))
      return seeOther(ctx, `/sign-in?${new URLSearchParams({ to: ctx.originalUrl })}`);
    pages.problem(ctx, problem);
  };
}

function asksToSignIn(ctx: Ctx, problem: Problem): boolean {
  const isRead = ctx.method === 'GET' || ctx.method === 'HEAD';
  return problem.code === 'unauthenticated' && isRead && !wantsFragment(ctx) && ctx.get('authorization') === '';
}

function shapeOf({ code, message, field }: Problem): unknown {
  return { error: { code, message, ...(field === undefined ? {} : { field }) } };
}
