import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { Problem } from '../lib/problem.ts';
import type { Assets } from './assets.ts';
import type { ConsoleApi } from './consoleApi.ts';
import type { Ctx } from './context.ts';
import { withDeadline } from './deadlines.ts';
import type { Page } from './endpoint.ts';
import type { Flash, Flashes } from './flash.ts';
import { has } from './middleware/authenticate.ts';
import type { Csrf } from './middleware/csrf.ts';
import { wantsFragment } from './negotiate.ts';
import { nextLink } from './nextLink.ts';
import { Layout, MainContent, titleOf } from './views/layout.tsx';
import { problemPage } from './views/problem.tsx';
import { type Viewer, ViewerContext } from './views/viewerContext.ts';

export interface Pages {
  /** The page in its layout, or only its main content for an open page that updates itself. */
  show(ctx: Ctx, page: Page, status?: number): Promise<void>;
  /** One part of a page, in response to an action on it. */
  fragment(ctx: Ctx, content: VNode): void;
  /** Uses no services, so it works while they fail. */
  problem(ctx: Ctx, problem: Problem): void;
}

interface Deps {
  assets: Assets;
  services: Pick<ConsoleApi, 'banners'>;
  csrf: Csrf;
  flashes: Flashes;
  signInEnabled: boolean;
}

/** The rest of the five seconds after a page's own data took as long as it may. */
const BANNERS_DEADLINE_MS = 400;

export function createPages({ assets, services, csrf, flashes, signInEnabled }: Deps): Pages {
  function viewerOf(ctx: Ctx, flash: Flash | null = null): Viewer {
    const { principal, bearer } = ctx.state;
    const may = { operate: has(principal, 'operator'), administer: has(principal, 'admin') };
    // A signed-in viewer can post one form: the sign-out.
    const canPost = !bearer && (principal?.kind === 'person' || may.operate);
    return { now: new Date(), principal, signInEnabled, csrf: canPost ? csrf.token(ctx) : null, may, flash };
  }

  function render(ctx: Ctx, viewer: Viewer, content: VNode, prefix = ''): void {
    ctx.type = 'text/html; charset=utf-8';
    ctx.body = prefix + renderToString(<ViewerContext.Provider value={viewer}>{content}</ViewerContext.Provider>);
  }

  function renderFullPage(ctx: Ctx, page: Page, banners: readonly string[], flash: Flash | null): void {
    const content = (
      <Layout page={page} assets={assets}>
        <MainContent banners={banners}>{page.body}</MainContent>
      </Layout>
    );
    render(ctx, viewerOf(ctx, flash), content, '<!doctype html>\n');
  }

  /** A page without its banners is better than no page. */
  const banners = () =>
    withDeadline(BANNERS_DEADLINE_MS, 'The component status', services.banners()).catch(() => [
      'Component status is unavailable.',
    ]);

  return {
    async show(ctx, page, status = 200) {
      const shown = await banners();
      ctx.status = status;
      if (wantsFragment(ctx)) {
        const content = (
          <>
            <title>{titleOf(page)}</title>
            <MainContent banners={shown}>{page.body}</MainContent>
          </>
        );
        render(ctx, viewerOf(ctx), content);
      } else {
        renderFullPage(ctx, page, shown, flashes.take(ctx));
      }
    },
    fragment(ctx, content) {
      ctx.status = 200;
      render(ctx, viewerOf(ctx), content);
    },
    problem(ctx, problem) {
      ctx.status = problem.status;
      if (wantsFragment(ctx)) render(ctx, viewerOf(ctx), <p class="problem">{problem.message}</p>);
      else renderFullPage(ctx, problemPage(problem, nextLink(ctx)), [], null);
    },
  };
}
