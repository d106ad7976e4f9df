import type { JSX } from 'preact';
import { ALERT_PREFIX } from '../../../machines/shared/actorId.ts';
import type { SuppressedAlerts } from '../../model/alerts.ts';
import type { FlagState } from '../../model/operations.ts';
import type { Page } from '../endpoint.ts';
import { Tag } from './badges.tsx';
import { PostForm } from './elements.tsx';
import { HeldBack } from './held.tsx';
import { When } from './time.tsx';
import { useViewer } from './viewerContext.ts';

/** What each switch does, on and off, for the one about to flip it. */
const MEANINGS: Record<string, { title: string; on: string; off: string }> = {
  FLAG_CONSOLE_ALERTS_AUTO_TICKET: {
    title: 'Tickets for alerts',
    on: 'P1 and P2 alerts file a ticket by themselves, besides the direct message.',
    off: 'Alerts send a direct message only, whatever their severity. Turned on later, an alert that is still active files at its next emission.',
  },
  FLAG_CONSOLE_INVESTIGATE_FROM_STATUS: {
    title: 'Investigate on the status page',
    on: 'Degraded surfaces show the button that files a ticket.',
    off: 'The button is absent, and asking for it is refused.',
  },
};

export function flagsPage(flags: readonly FlagState[], held: SuppressedAlerts): Page {
  const body = <FlagsView flags={flags} held={held} />;
  return { title: 'Flags', section: 'flags', live: ['flags', ALERT_PREFIX], body };
}

function FlagsView({ flags, held }: { flags: readonly FlagState[]; held: SuppressedAlerts }): JSX.Element {
  return (
    <>
      <div class="page-head">
        <h1>Flags</h1>
        <p class="quiet">Every process obeys a flip within a second.</p>
      </div>
      <ul class="flags">
        {flags.map((flag) => (
          <FlagCard key={flag.name} flag={flag} />
        ))}
      </ul>
      <HeldBack held={held} />
    </>
  );
}

function FlagCard({ flag }: { flag: FlagState }): JSX.Element {
  const meaning = MEANINGS[flag.name];
  return (
    <li class="panel flag" id={flag.name}>
      <div class="flag-head">
        <h2>{meaning?.title ?? flag.name}</h2>
        <Tag tone={flag.enabled ? 'good' : 'calm'}>{flag.enabled ? 'on' : 'off'}</Tag>
      </div>
      <p class="quiet">
        <code>{flag.name}</code>
      </p>
      {meaning ? (
        <dl class="facts">
          <dt>On</dt>
          <dd>{meaning.on}</dd>
          <dt>Off</dt>
          <dd>{meaning.off}</dd>
        </dl>
      ) : null}
      <Switch flag={flag} />
      <p class="quiet">
        {flag.changed_at === null ? (
          'Never flipped here.'
        ) : (
          <>
            Flipped by {flag.changed_by ?? 'someone'}, <When at={flag.changed_at} />
          </>
        )}
      </p>
    </li>
  );
}

function Switch({ flag }: { flag: FlagState }): JSX.Element | null {
  const { may } = useViewer();
  if (flag.forced_off) {
    return (
      <p class="banner warn">
        Forced off: the environment variable <code>{flag.name}</code> is <code>0</code>. It stays off, whatever is
        stored here, until that variable is taken away.
      </p>
    );
  }
  if (!may.administer) return null;
  return (
    <PostForm action={`/console/flags/${flag.name}`}>
      <input type="hidden" name="enabled" value={flag.enabled ? 'false' : 'true'} />
      <button type="submit" class={flag.enabled ? 'button' : 'button primary'}>
        Turn {flag.enabled ? 'off' : 'on'}
        <span class="sr-only"> {flag.name}</span>
      </button>
    </PostForm>
  );
}
