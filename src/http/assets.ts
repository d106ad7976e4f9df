import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Middleware } from 'koa';
import { packageRoot } from '../lib/packageRoot.ts';
import type { RequestState } from './context.ts';

/** In load order. */
const STYLES = [
  ...['console.css', 'header.css', 'navigation.css', 'controls.css', 'tiles.css', 'density.css', 'uptime.css'],
  ...['latency.css', 'tables.css', 'elements.css', 'chart.css'],
];
const SCRIPTS = [
  ...['htmx.js', 'indicator.js', 'console.js', 'investigate.js', 'times.js', 'groups.js', 'menus.js', 'tab.js'],
];
const ICONS = { calm: 'icon.svg', degraded: 'icon-degraded.svg', down: 'icon-down.svg', unknown: 'icon-unknown.svg' };

/** What the icon of a tab says about the surfaces. */
export type IconLook = keyof typeof ICONS;

export interface Assets {
  /** Addresses that contain a digest of the content, so they may be cached forever. */
  styles: readonly string[];
  scripts: readonly string[];
  icons: Record<IconLook, string>;
  serve: Middleware<RequestState>;
}

// A plain `require.resolve` lets knip see that htmx.org is used.
const require = createRequire(import.meta.url);

const TYPES: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

function pathOf(name: string): string {
  if (name === 'htmx.js') return require.resolve('htmx.org/dist/htmx.min.js');
  return join(packageRoot, 'src/http/assets', name);
}

/** Reads the styles and scripts of the pages into memory; nothing else is served from disk. */
export function loadAssets(): Assets {
  const byUrl = new Map<string, { content: Buffer; type: string; etag: string }>();

  function load(name: string): string {
    const content = readFileSync(pathOf(name));
    const digest = createHash('sha256').update(content).digest('hex').slice(0, 12);
    const url = `/assets/${digest}/${name}`;
    byUrl.set(url, { content, type: TYPES[name.split('.').at(-1) ?? ''] ?? 'text/plain', etag: `"${digest}"` });
    return url;
  }

  return {
    styles: STYLES.map(load),
    scripts: SCRIPTS.map(load),
    icons: {
      calm: load(ICONS.calm),
      degraded: load(ICONS.degraded),
      down: load(ICONS.down),
      unknown: load(ICONS.unknown),
    },
    async serve(ctx, next) {
      const asset = byUrl.get(ctx.path);
      if (!asset || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
      ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
      ctx.set('ETag', asset.etag);
      ctx.status = 200;
      if (ctx.fresh) {
        ctx.status = 304;
        return;
      }
      ctx.type = asset.type;
      ctx.body = asset.content;
    },
  };
}
