import type { JSX } from 'preact';
import type { Section } from '../endpoint.ts';
import { useViewer } from './viewerContext.ts';

interface Entry {
  section: Section;
  label: string;
  href: string;
}

interface Group {
  label: string;
  entries: readonly Entry[];
  /** For admins, where people sign in. */
  isAdministration?: boolean;
}

const entry = (section: Section, label: string, href = `/console/${section}`): Entry => ({ section, label, href });

/** What an operator needs during an outage is one step away. The rest is in groups by what it is about. */
const NAVIGATION: readonly (Entry | Group)[] = [
  entry('status', 'Status'),
  entry('alerts', 'Alerts'),
  entry('silences', 'Silences'),
  entry('customers', 'Customers'),
  { label: 'History', entries: [entry('weekly', 'Weekly'), entry('audit', 'Audit')] },
  {
    label: 'System',
    entries: [
      entry('sources', 'Sources'),
      entry('dead-letters', 'Dead letters'),
      entry('reconcile', 'Reconciler'),
      entry('flags', 'Flags'),
      entry('inspect', 'Inspect', '/console/inspect/actors'),
    ],
  },
  {
    label: 'Access',
    entries: [entry('sessions', 'Sessions'), entry('refusals', 'Refusals')],
    isAdministration: true,
  },
];

const ID = 'navigation';

/** Shows the navigation on a narrow screen, also without scripts. The styles hide it elsewhere. */
export function NavigationButton(): JSX.Element {
  return (
    <button type="button" class="button nav-button" popovertarget={ID}>
      Menu
    </button>
  );
}

/**
 * Links to every page that the viewer may open, some of them in menus, of which one is open at a time. On a narrow screen
 * it is a popover.
 */
export function Navigation({ section }: { section: Section | null }): JSX.Element {
  const { may, signInEnabled } = useViewer();
  const mayAdminister = signInEnabled && may.administer;
  const shown = NAVIGATION.filter((item) => mayAdminister || !('isAdministration' in item));
  return (
    <nav class="nav" id={ID} popover="auto" aria-label="Main">
      <ul>
        {shown.map((item) => (
          <li key={item.label}>
            {'entries' in item ? <Menu group={item} section={section} /> : <Link entry={item} section={section} />}
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Opens without scripts; `menus.js` closes it. */
function Menu({ group: { label, entries }, section }: { group: Group; section: Section | null }): JSX.Element {
  const isCurrent = entries.some((entry) => entry.section === section);
  return (
    <details class="menu" name="menu">
      <summary aria-current={isCurrent ? 'true' : undefined}>{label}</summary>
      <ul>
        {entries.map((entry) => (
          <li key={entry.section}>
            <Link entry={entry} section={section} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function Link({ entry, section }: { entry: Entry; section: Section | null }): JSX.Element {
  return (
    <a href={entry.href} aria-current={entry.section === section ? 'page' : undefined}>
      {entry.label}
    </a>
  );
}
