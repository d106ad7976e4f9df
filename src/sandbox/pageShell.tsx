import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from 'koa';
import type { ComponentChildren, VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { packageRoot } from '../lib/packageRoot.ts';

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

/** The layout of every sandbox page. */
export function Shell({ product, title, nav, children }: ShellProps): VNode {
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
        <header class="bar">
          <span class="product">{product}</span>
          <span class="badge">Sandbox</span>
          <nav aria-label="Main">
            {nav.map((link) => (
              <a key={link.href} href={link.href} aria-current={link.current ? 'page' : undefined}>
                {link.label}
              </a>
            ))}
          </nav>
        </header>
        <main id="main" tabIndex={-1}>
          {children}
        </main>
      </body>
    </html>
  );
}

/** Renders a page as the response. */
export function sendPage(ctx: Context, page: VNode, status = 200): void {
  ctx.status = status;
  ctx.type = 'text/html; charset=utf-8';
  ctx.body = `<!doctype html>${renderToString(page)}`;
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
