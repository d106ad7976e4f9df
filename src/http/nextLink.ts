import { HOME, returnPath } from '../identity/returnPath.ts';
import type { Ctx } from './context.ts';

/** Where somebody goes on from a page that says what went wrong. */
export interface NextLink {
  href: string;
  label: string;
}

const LISTS: [path: string, label: string][] = [
  ['/console/customers', 'To the customers'],
  ['/console/alerts', 'To the alerts'],
  ['/console/audit', 'To the audit log'],
  ['/console/inspect/actors', 'To the state machines'],
  ['/console/dead-letters', 'To the dead letters'],
];

/** Back to the page whose form was refused; else to the list in which what was looked for would stand. */
export function nextLink(ctx: Ctx): NextLink {
  const from = ctx.get('referer');
  if (ctx.method === 'POST' && URL.canParse(from)) {
    // Whoever wrote it: only a page of this console comes out.
    const { pathname, search } = new URL(from);
    return { href: returnPath(pathname + search), label: 'Back to the page before' };
  }
  const list = LISTS.find(([path]) => ctx.path.startsWith(path));
  return list ? { href: list[0], label: list[1] } : { href: HOME, label: 'To the status page' };
}
