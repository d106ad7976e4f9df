import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from 'koa';
import { type ComponentChildren, createContext, type VNode } from 'preact';
import { useContext } from 'preact/hooks';
import { renderToString } from 'preact-render-to-string';
import { packageRoot } from '../lib/packageRoot.ts';
import { type SiteLink, sitesOf, type Trouble } from './sites.ts';

export interface NavLink {
  href: string;
  label: string;
  current?: boolean;
}

export interface ShellProps {
  /** The simulated product, e.g. "Slack". */
  product: string;
  title: string;
  nav: NavLink[];
  children: ComponentChildren;
}

/** What the pages of all sandboxes show. */
interface Surroundings {
  links: (SiteLink & { current: boolean })[];
  troubles: Trouble[];
}

const SurroundingsContext = createContext<Surroundings>({ links: [], troubles: [] });

/** The layout of every sandbox page. */
export function Shell({ product, title, nav, children }: ShellProps): VNode {
  const { links, troubles } = useContext(SurroundingsContext);
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · ${product} sandbox`}</title>
        <link rel="stylesheet" href="/assets/sandbox.css" />
        <script src="/assets/pageUpdates.js" defer />
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to content
        </a>
        <header>
          <SiteBar links={links} />
          <div class="bar">
            <span class="product">{product}</span>
            <nav aria-label="Main">
              {nav.map((link) => (
                <a key={link.href} href={link.href} aria-current={link.current ? 'page' : undefined}>
                  {link.label}
                </a>
              ))}
            </nav>
          </div>
        </header>
        <main id="main" tabIndex={-1}>
          {troubles.length > 0 && <Troubles troubles={troubles} />}
          {children}
        </main>
      </body>
    </html>
  );
}

function SiteBar({ links }: Pick<Surroundings, 'links'>): VNode {
  return (
    <div class="sites">
      <strong>Sandbox</strong>
      <nav aria-label="Sandbox">
        {links.map(({ name, url, current }) => (
          <a key={name} href={url} aria-current={current ? 'true' : undefined}>
            {name}
          </a>
        ))}
      </nav>
    </div>
  );
}

/** Everything that fails on purpose, in any sandbox of the process. */
function Troubles({ troubles }: Pick<Surroundings, 'troubles'>): VNode {
  return (
    <section class="card troubles" aria-label="Active faults">
      <div class="row spread">
        <strong>{troubles.length === 1 ? '1 active fault' : `${troubles.length} active faults`}</strong>
        <form method="post" action="/__control/end-all">
          <button type="submit" id="end-all" class="primary">
            End all
          </button>
        </form>
      </div>
      <ul>
        {troubles.map(({ what, hits }, index) => (
          <li key={`${index}-${what}`}>
            {what}
            {hits === null ? null : (
              <span class="quiet">{` · ${hits === 1 ? '1 request' : `${hits} requests`} affected`}</span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Renders a page as the response. */
export function sendPage(ctx: Context, page: VNode, status = 200): void {
  const sites = sitesOf(ctx);
  const surroundings = {
    links: sites.links().map((link) => ({ ...link, current: new URL(link.url).host === ctx.host })),
    troubles: sites.troubles(),
  };
  ctx.status = status;
  ctx.type = 'text/html; charset=utf-8';
  const html = renderToString(<SurroundingsContext.Provider value={surroundings}>{page}</SurroundingsContext.Provider>);
  ctx.body = `<!doctype html>${html}`;
}

const ASSETS: Record<string, string> = { 'sandbox.css': 'text/css', 'pageUpdates.js': 'text/javascript' };

/** Handles `GET /assets/:name`. */
export async function sendAsset(ctx: Context, name: string): Promise<void> {
  const type = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
  if (type === undefined) return;
  ctx.type = `${type}; charset=utf-8`;
  ctx.set('Cache-Control', 'no-cache');
  ctx.body = await readFile(join(packageRoot, 'src', 'sandbox', name));
}

/** A UTC time as `2026-05-05 14:32:17 UTC`, in a machine-readable element. */
export function Time({ at }: { at: string }): VNode {
  return <time dateTime={at}>{`${at.slice(0, 19).replace('T', ' ')} UTC`}</time>;
}
