/** Where people go who did not come from anywhere. */
export const HOME = '/console/status';

const LONGEST = 1_000;
const OUR_PAGES = /^\/console(\/|$)/;

/**
 * The path of a page of ours to return to after signing in, or HOME for anything else: whatever a browser could
 * take for another site, however it is spelled, counts as nothing.
 */
export function returnPath(to: string | undefined): string {
  if (to === undefined || to.length > LONGEST || !to.startsWith('/') || /[\p{C}\p{Z}\\]/u.test(to)) return HOME;
  const here = 'http://console.invalid';
  if (!URL.canParse(to, here)) return HOME;
  // Dots are resolved by now, so `/console/../..//evil` shows what it is.
  const { origin, pathname, search } = new URL(to, here);
  return origin === here && OUR_PAGES.test(pathname) && !pathname.includes('//') ? pathname + search : HOME;
}
