/** The default page. */
export const HOME = '/console/status';

const MAX_LENGTH = 1_000;
const CONSOLE_PAGES = /^\/console(\/|$)/;

/** `to` if it is the path of a console page, else HOME. Refuses every spelling that a browser could take for another site. */
export function returnPath(to: string | undefined): string {
  if (to === undefined || to.length > MAX_LENGTH || !to.startsWith('/') || /[\p{C}\p{Z}\\]/u.test(to)) return HOME;
  const base = 'http://console.invalid';
  if (!URL.canParse(to, base)) return HOME;
  // Parsing resolves dot segments, so `/console/../..//evil` is recognized.
  const { origin, pathname, search } = new URL(to, base);
  return origin === base && CONSOLE_PAGES.test(pathname) && !pathname.includes('//') ? pathname + search : HOME;
}
