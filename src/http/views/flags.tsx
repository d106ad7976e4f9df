import type { JSX } from 'preact';
import { ALERT_PREFIX } from '../../../machines/shared/actorId.ts';
import type { SuppressedAlerts } from '../../model/alerts.ts';
import type { FlagState } from '../../model/operations.ts';
import type { Page } from '../endpoint.ts';
import { Tag } from './badges.tsx';
import { PostForm } from './elements.tsx';
import { SuppressedAlertsPanel } from './suppressedAlerts.tsx';
import { TimestampWithAge } from './time.tsx';
import { useViewer } from './viewerContext.ts';

const DESCRIPTIONS: Record<string, { title: string; on: string; off: string }> = {
  FLAG_CONSOLE_ALERTS_AUTO_TICKET: {
    title: 'Tickets for alerts',
    on: 'P1 and P2 alerts file a ticket automatically, in addition to the direct message.',
    off: 'Alerts send a direct message only. Once this is on again, each alert that is still active files a ticket.',
  },
  FLAG_CONSOLE_INVESTIGATE_FROM_STATUS: {
    title: 'Investigate on the status page',
    on: 'Degraded and down surfaces have a button that files a ticket.',
    off: 'The button is disabled and says why, and requests to file are refused.',
  },
};

interface FlagsProps {
  flags: readonly FlagState[];
  suppressed: SuppressedAlerts;
}

export function flagsPage(flags: FlagsProps['flags'], suppressed: SuppressedAlerts): Page {
  const body = <FlagsView flags={flags} suppressed={suppressed} />;
  return { title: 'Flags', section: 'flags', live: ['flags', ALERT_PREFIX], body };
}

function FlagsView({ flags, suppressed }: FlagsProps): JSX.Element {
  return (
    <>
      <div class="page-head">
        <h1>Flags</h1>
        <p class="quiet">Changes take effect in every process within one second.</p>
      </div>
      <ul class="flags">
        {flags.map((flag) => (
          <FlagCard key={flag.name} flag={flag} />
        ))}
      </ul>
      <SuppressedAlertsPanel suppressed={suppressed} />
    </>
  );
}

function FlagCard({ flag }: { flag: FlagState }): JSX.Element {
  const description = DESCRIPTIONS[flag.name];
  return (
    <li class="panel flag" id={flag.name}>
      <div class="flag-head">
        <h2>{description?.title ?? flag.name}</h2>
        <Tag tone={flag.enabled ? 'good' : 'calm'}>{flag.enabled ? 'on' : 'off'}</Tag>
      </div>
      <p class="quiet">
        <code>{flag.name}</code>
      </p>
      {description ? (
        <dl class="facts">
          <dt>On</dt>
          <dd>{description.on}</dd>
          <dt>Off</dt>
          <dd>{description.off}</dd>
        </dl>
      ) : null}
      <Switch flag={flag} />
      <p class="quiet">
        {flag.changed_at === null ? (
          'Never changed.'
        ) : (
          <>
            Changed by {flag.changed_by ?? 'unknown'}, <TimestampWithAge at={flag.changed_at} />
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
        Forced off: the environment variable <code>{flag.name}</code> is <code>0</code>. Remove the variable to change
        this flag here.
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
