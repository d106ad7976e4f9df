import { randomUUID } from 'node:crypto';
import type { VNode } from 'preact';
import type { Problem } from '../lib/problem.ts';
import type { Banner } from '../model/operations.ts';
import type { Assets } from './assets.ts';
import { bannersDigest } from './bannerFeed.ts';
import type { ConsoleApi } from './consoleApi.ts';
import type { Ctx } from './context.ts';
import { withDeadline } from './deadlines.ts';
import type { Page } from './endpoint.ts';
import type { Flash, Flashes } from './flash.ts';
import { renderFor } from './fragments.tsx';
import { has } from './middleware/authenticate.ts';
import type { Csrf } from './middleware/csrf.ts';
import { wantsFragment } from './negotiate.ts';
import { nextLink } from './nextLink.ts';
import { sendParts } from './sharedHtml.ts';
import { Layout, MainContent, titleOf } from './views/layout.tsx';
import { problemPage } from './views/problem.tsx';
import type { Viewer } from './views/viewerContext.ts';

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
  services: Pick<ConsoleApi, 'banners' | 'sandboxPages'>;
  csrf: Csrf;
  flashes: Flashes;
  signInEnabled: boolean;
}

const HTML = 'text/html; charset=utf-8';
/** The place of the shared part in the HTML of a page. Nobody can guess it, so no other text contains it. */
const SLOT = `slot-${randomUUID()}`;
/** The rest of the five seconds after a page's own data took as long as it may. */
const BANNERS_DEADLINE_MS = 400;

const NO_BANNERS: Banner = {
  text: 'Component status is unavailable.',
  advice: 'Reload this page in a minute.',
  link: null,
  sections: null,
};

export function createPages({ assets, services, csrf, flashes, signInEnabled }: Deps): Pages {
  function viewerOf(ctx: Ctx, flash: Flash | null = null): Viewer {
    const { principal, bearer } = ctx.state;
    const may = { operate: has(principal, 'operator'), administer: has(principal, 'admin') };
    // A signed-in viewer can post one form: the sign-out.
    const canPost = !bearer && (principal?.kind === 'person' || may.operate);
    const { sandboxPages } = services;
    return {
      now: new Date(),
      principal,
      signInEnabled,
      csrf: canPost ? csrf.token(ctx) : null,
      may,
      flash,
      sandboxPages,
    };
  }

  function send(ctx: Ctx, html: string | Buffer): void {
    ctx.type = HTML;
    ctx.body = html;
  }

  const fullPage = (viewer: Viewer, page: Page, banners: readonly Banner[]): string =>
    `<!doctype html>\n${renderFor(
      viewer,
      <Layout page={page} assets={assets}>
        <PageContent page={page} banners={banners} />
      </Layout>,
    )}`;

  /** The main content only, for an open page that updates itself. */
  const mainContent = (viewer: Viewer, page: Page, banners: readonly Banner[]): string =>
    renderFor(
      viewer,
      <>
        <title>{titleOf(page)}</title>
        <PageContent page={page} banners={banners} />
      </>,
    );

  /**
   * Banners name alerts, systems and numbers, so they are for callers who may read these; for others they are not even
   * queried. A page without its banners is better than no page.
   */
  async function bannersFor({ state }: Ctx): Promise<readonly Banner[]> {
    if (!has(state.principal, 'viewer')) return [];
    return withDeadline(BANNERS_DEADLINE_MS, 'The component status', services.banners()).catch(() => [NO_BANNERS]);
  }

  return {
    async show(ctx, page, status = 200) {
      const shown = await bannersFor(ctx);
      ctx.status = status;
      const isFragment = wantsFragment(ctx);
      const viewer = viewerOf(ctx, isFragment ? null : flashes.take(ctx));
      const html = (isFragment ? mainContent : fullPage)(viewer, page, shown);
      if (page.shared === undefined) return send(ctx, html);
      const [before = '', after = ''] = html.split(SLOT);
      ctx.type = HTML;
      await sendParts(ctx, [before, page.shared(viewer), after]);
    },
    fragment(ctx, content) {
      ctx.status = 200;
      send(ctx, renderFor(viewerOf(ctx), content));
    },
    problem(ctx, problem) {
      ctx.status = problem.status;
      const viewer = viewerOf(ctx);
      if (wantsFragment(ctx)) send(ctx, renderFor(viewer, <p class="problem">{problem.message}</p>));
      else send(ctx, fullPage(viewer, problemPage(problem, nextLink(ctx)), []));
    },
  };
}

/** What an open page fetches again after changes. */
function PageContent({ page, banners }: { page: Page; banners: readonly Banner[] }): VNode {
  const { section } = page;
  const shown = banners.filter(({ sections }) => sections === null || (section !== null && sections.includes(section)));
  return (
    <MainContent banners={shown} digest={bannersDigest(banners)}>
      {page.shared === undefined ? null : SLOT}
      {page.body}
    </MainContent>
  );
}
