import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Middleware } from 'koa';
import { packageRoot } from '../root.ts';
import type { RequestState } from './context.ts';

export type AssetName = 'console.css' | 'parts.css' | 'console.js' | 'htmx.js' | 'icon.svg';

export interface Assets {
  /** The address under which this very content is served, for good. */
  url(name: AssetName): string;
  serve: Middleware<RequestState>;
}

const own = (name: string) => join(packageRoot, 'src/http/assets', name);

const FILES: Record<AssetName, { path: () => string; type: string }> = {
  'console.css': { path: () => own('console.css'), type: 'text/css; charset=utf-8' },
  'parts.css': { path: () => own('parts.css'), type: 'text/css; charset=utf-8' },
  'console.js': { path: () => own('console.js'), type: 'text/javascript; charset=utf-8' },
  'htmx.js': {
    path: () => createRequire(import.meta.url).resolve('htmx.org/dist/htmx.min.js'),
    type: 'text/javascript; charset=utf-8',
  },
  'icon.svg': { path: () => own('icon.svg'), type: 'image/svg+xml' },
};

/** Reads the styles and scripts of the pages once. Their addresses carry a digest, so browsers may keep them. */
export async function loadAssets(): Promise<Assets> {
  const urls = new Map<string, string>();
  const byUrl = new Map<string, { content: Buffer; type: string; etag: string }>();
  for (const [name, { path, type }] of Object.entries(FILES)) {
    const content = await readFile(path());
    const digest = createHash('sha256').update(content).digest('hex').slice(0, 12);
    const url = `/assets/${digest}/${name}`;
    urls.set(name, url);
    byUrl.set(url, { content, type, etag: `"${digest}"` });
  }

  return {
    url: (name) => urls.get(name) ?? '',
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
