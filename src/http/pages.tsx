import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { Problem } from '../lib/problem.ts';
import { answerWithin } from './answerWithin.ts';
import type { Assets } from './assets.ts';
import type { ConsoleApi } from './consoleApi.ts';
import type { Ctx } from './context.ts';
import type { Page } from './endpoint.ts';
import type { Flash, Flashes } from './flash.ts';
import { has } from './middleware/authenticate.ts';
import type { Csrf } from './middleware/csrf.ts';
import { wantsFragment } from './negotiate.ts';
import { nextLink } from './nextLink.ts';
import { Inside, Layout, titleOf } from './views/layout.tsx';
import { problemPage } from './views/problem.tsx';
import { type ViewerContext, ViewingContext } from './views/viewerContext.ts';

export interface Pages {
  /** The page in its frame, or only its inside for a reader who has the frame already. */
  show(ctx: Ctx, page: Page, status?: number): Promise<void>;
  /** One part of a page, in answer to an act on it. */
  part(ctx: Ctx, part: VNode): void;
  /** Asks the services nothing, so that it stands when they do not. */
  problem(ctx: Ctx, problem: Problem): void;
}

interface Deps {
  assets: Assets;
  services: Pick<ConsoleApi, 'banners'>;
  csrf: Csrf;
  flashes: Flashes;
  /** People sign in here. */
  signInSet: boolean;
}

/** What is left of the five seconds in which a page must stand once its own data took as long as it may. */
const BANNERS_DEADLINE_MS = 400;

export function createPages({ assets, services, csrf, flashes, signInSet }: Deps): Pages {
  function viewingOf(ctx: Ctx, flash: Flash | null = null): ViewerContext {
    const { principal, bearer } = ctx.state;
    const may = { operate: has(principal, 'operator'), administer: has(principal, 'admin') };
    // Whoever is signed in can at least sign out.
    const posts = !bearer && (principal?.kind === 'person' || may.operate);
    return { now: new Date(), principal, signInSet, csrf: posts ? csrf.token(ctx) : null, may, flash };
  }

  function write(ctx: Ctx, viewing: ViewerContext, content: VNode, before = ''): void {
    ctx.type = 'text/html; charset=utf-8';
    ctx.body = before + renderToString(<ViewingContext.Provider value={viewing}>{content}</ViewingContext.Provider>);
  }

  function frame(ctx: Ctx, page: Page, banners: readonly string[], flash: Flash | null): void {
    const inside = <Inside banners={banners}>{page.body}</Inside>;
    const content = (
      <Layout page={page} assets={assets}>
        {inside}
      </Layout>
    );
    write(ctx, viewingOf(ctx, flash), content, '<!doctype html>\n');
  }

  /** A page without its banners is better than no page. */
  const banners = () =>
    answerWithin(BANNERS_DEADLINE_MS, 'The check of the parts', services.banners()).catch(() => [
      'It could not be found out which parts are working.',
    ]);

  return {
    async show(ctx, page, status = 200) {
      const shown = await banners();
      ctx.status = status;
      if (wantsFragment(ctx)) {
        const content = (
          <>
            <title>{titleOf(page)}</title>
            <Inside banners={shown}>{page.body}</Inside>
          </>
        );
        write(ctx, viewingOf(ctx), content);
      } else {
        frame(ctx, page, shown, flashes.take(ctx));
      }
    },
    part(ctx, part) {
      ctx.status = 200;
      write(ctx, viewingOf(ctx), part);
    },
    problem(ctx, problem) {
      ctx.status = problem.status;
      if (wantsFragment(ctx)) write(ctx, viewingOf(ctx), <p class="problem">{problem.message}</p>);
      else frame(ctx, problemPage(problem, nextLink(ctx)), [], null);
    },
  };
}
