import type { ComponentChildren, JSX } from 'preact';
import { packageVersion } from '../../lib/packageVersion.ts';
import type { Banner } from '../../model/operations.ts';
import type { Assets, IconLook } from '../assets.ts';
import type { Page } from '../endpoint.ts';
import { ExternalLink } from './elements.tsx';
import { Header } from './header.tsx';
import { useViewer } from './viewerContext.ts';

// Updates keep open what the viewer has opened, keep a waiting button disabled, and keep local times.
const HTMX = JSON.stringify({
  includeIndicatorCSS: false,
  history: false,
  morphIgnore: ['data-htmx-powered', 'data-local', 'open', 'disabled'],
});

interface LayoutProps {
  page: Page;
  assets: Assets;
  children: ComponentChildren;
}

/** The document around the content of every page. */
export function Layout({ page, assets, children }: LayoutProps): JSX.Element {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content={HTMX} />
        <title>{titleOf(page)}</title>
        <Icon icons={assets.icons} look={page.icon ?? 'calm'} />
        {assets.styles.map((url) => (
          <link key={url} rel="stylesheet" href={url} />
        ))}
        {assets.scripts.map((url) => (
          <script key={url} src={url} defer />
        ))}
      </head>
      <body>
        <a class="skip" href="#main">
          Skip to content
        </a>
        <SandboxBar />
        <Header page={page} />
        <div id="link-lost" class="banner bad" role="status" hidden>
          Live updates are interrupted. This page was last updated <span id="link-lost-since" />. Reconnecting…
        </div>
        <FlashBanner />
        <main id="main" tabIndex={-1} data-live={page.live.join(' ')}>
          {children}
        </main>
        <footer class="foot">
          All times are UTC.
          <span id="time-zone" /> Auto-Ticketing {VERSION}
        </footer>
      </body>
    </html>
  );
}

/** tab.js changes the icon of the status page. */
function Icon({ icons, look }: { icons: Assets['icons']; look: IconLook }): JSX.Element {
  const others = Object.fromEntries(Object.entries(icons).map(([name, url]) => [`data-${name}`, url]));
  return <link rel="icon" href={icons[look]} type="image/svg+xml" {...others} />;
}

const VERSION = packageVersion();

export const titleOf = (page: Page) => `${page.title} · Auto-Ticketing`;

/** Marks a console whose tickets, messages or services are simulated, and links to the pages of the simulation. */
function SandboxBar(): JSX.Element | null {
  const { sandboxPages } = useViewer();
  if (sandboxPages.length === 0) return null;
  return (
    <nav class="sandbox" aria-label="Sandbox">
      <strong>Sandbox</strong>
      <ul>
        {sandboxPages.map(({ name, url }) => (
          <li key={name}>
            <a href={url}>{name}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function FlashBanner(): JSX.Element | null {
  const { flash } = useViewer();
  if (flash === null) return null;
  return (
    <div class={`banner ${flash.tone}`} role="status">
      {flash.surfaceId === undefined ? null : <strong>{flash.surfaceId}: </strong>}
      {flash.text} {flash.link ? <ExternalLink href={flash.link.href}>{flash.link.label}</ExternalLink> : null}
    </div>
  );
}

interface MainProps {
  banners: readonly Banner[];
  /** Of all banners, by which console.js finds that they have changed. */
  digest: string;
  children: ComponentChildren;
}

/** The content of `<main>`, which an open page fetches again after changes. */
export function MainContent({ banners, digest, children }: MainProps): JSX.Element {
  return (
    <>
      <div id="notices" data-digest={digest}>
        {banners.length === 0 ? null : (
          <section class="banner warn" id="banners" aria-label="Warnings">
            <ul>
              {banners.map((banner) => (
                <li key={banner.text}>
                  <BannerText banner={banner} />
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
      {children}
    </>
  );
}

/** What is wrong, what to do, and where. */
function BannerText({ banner: { text, advice, link } }: { banner: Banner }): JSX.Element {
  return (
    <>
      {text} {advice}
      {link === null ? null : (
        <>
          {' '}
          {link.href.startsWith('/') ? (
            <a href={link.href}>{link.label}</a>
          ) : (
            <ExternalLink href={link.href}>{link.label}</ExternalLink>
          )}
        </>
      )}
    </>
  );
}
