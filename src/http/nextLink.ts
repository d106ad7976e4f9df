import { HOME, returnPath } from '../identity/returnPath.ts';
import type { Ctx } from './context.ts';

/** The link on an error page. */
export interface NextLink {
  href: string;
  label: string;
}

const LISTS: [path: string, label: string][] = [
  ['/console/customers', 'Go to customers'],
  ['/console/alerts', 'Go to alerts'],
  ['/console/silences', 'Go to silences'],
  ['/console/audit', 'Go to the audit log'],
  ['/console/inspect/actors', 'Go to state machines'],
  ['/console/dead-letters', 'Go to dead letters'],
];

/** After a refused form, the page of that form; otherwise the list that would contain what was requested. */
export function nextLink(ctx: Ctx): NextLink {
  const from = ctx.get('referer');
  if (ctx.method === 'POST' && URL.canParse(from)) {
    // The Referer header is not trusted: returnPath accepts only pages of this console.
    const { pathname, search } = new URL(from);
    return { href: returnPath(pathname + search), label: 'Back to the previous page' };
  }
  const list = LISTS.find(([path]) => ctx.path.startsWith(path));
  return list ? { href: list[0], label: list[1] } : { href: HOME, label: 'Go to the status page' };
}
