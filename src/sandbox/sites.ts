import type { Context } from 'koa';

/** Something in a sandbox that does not work on purpose. */
export interface Trouble {
  /** What fails, such as "FreeScout never responds". */
  what: string;
  /** The requests it has applied to; null if that is not counted. */
  hits: number | null;
}

/** One sandbox, as the others see it. */
export interface Site {
  /** The label of links to it. */
  name: string;
  /** Its address, without a slash at the end. */
  url: string;
  troubles(): Trouble[];
  /** Makes everything work again. */
  endTroubles(): void;
  /** Updates its open pages. */
  refresh(): void;
}

export interface SiteLink {
  name: string;
  url: string;
}

/** The sandboxes of one process. Their pages link to each other, and each shows the troubles of all. */
export interface Sites {
  add(site: Site): void;
  /** The console, then the sandboxes in the order in which they were added. */
  links(): SiteLink[];
  troubles(): Trouble[];
  endTroubles(): void;
  /** Updates the open pages of all sandboxes. */
  refresh(): void;
}

export function createSites(consoleUrl: string | null = null): Sites {
  const sites: Site[] = [];
  const refresh = () => {
    for (const site of sites) site.refresh();
  };
  return {
    add: (site) => void sites.push(site),
    links: () => [
      ...(consoleUrl === null ? [] : [{ name: 'Console', url: `${consoleUrl}/console/status` }]),
      ...sites.map(({ name, url }) => ({ name, url: `${url}/` })),
    ],
    troubles: () => sites.flatMap((site) => site.troubles()),
    endTroubles() {
      for (const site of sites) site.endTroubles();
      refresh();
    },
    refresh,
  };
}

/** Lets the pages of a request know the sandboxes of the process. */
export function attachSites(ctx: Context, sites: Sites): void {
  ctx.state.sites = sites;
}

/** Those that `attachSites` set; none before it ran. */
export function sitesOf(ctx: Context): Pick<Sites, 'links' | 'troubles'> {
  return (ctx.state.sites as Sites | undefined) ?? NONE;
}

const NONE = createSites();
