import type { JSX } from 'preact';
import type { Principal } from '../context.ts';
import type { Page } from '../endpoint.ts';
import { PostForm } from './elements.tsx';
import { Navigation, NavigationButton } from './navigation.tsx';
import { useViewer } from './viewerContext.ts';

/** The top of every page: the navigation, whether the page is current, and who is signed in. */
export function Header({ page }: { page: Page }): JSX.Element {
  const { principal } = useViewer();
  return (
    <header class="top">
      <a class="brand" href="/console/status">
        Auto-Ticketing
      </a>
      {principal === null ? null : (
        <>
          <NavigationButton />
          <Navigation section={page.section} />
        </>
      )}
      <p class="live" id="live" hidden>
        <span class="dot" aria-hidden="true" />
        <span id="live-word">Live</span>
      </p>
      {page.live.includes('grid') ? (
        <button type="button" class="button small" id="notify" aria-pressed="false" hidden>
          Notify me
        </button>
      ) : null}
      <UserMenu />
    </header>
  );
}

/** A long name may be cut off, and has its title then. People have their sessions behind it. */
function UserName({ principal: { kind, name } }: { principal: Principal }): JSX.Element {
  const attributes = { class: 'name', title: name };
  if (kind !== 'person') return <span {...attributes}>{name}</span>;
  return (
    <a href="/console/my-sessions" {...attributes}>
      {name}
    </a>
  );
}

function UserMenu(): JSX.Element | null {
  const { principal } = useViewer();
  if (principal === null) return null;
  return (
    <div class="who">
      <p>
        <UserName principal={principal} /> <span class="quiet">{principal.role}</span>
      </p>
      {principal.kind === 'person' ? (
        <PostForm action="/sign-out">
          <button type="submit" class="button small">
            Sign out
          </button>
        </PostForm>
      ) : null}
    </div>
  );
}
