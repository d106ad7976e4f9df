import type { JSX } from 'preact';
import { alertHref, ExternalLink, surfaceHref } from './elements.tsx';

interface AlertTitleProps {
  alert: { alert_key: string; title: string; episode: number; surface_id: string | null };
  /** Its page at the sender. */
  url?: string | null;
}

/** An alert in a table: its title, then its key, its episode if there were several, its surface and its sender's page. */
export function AlertTitle({ alert, url = null }: AlertTitleProps): JSX.Element {
  return (
    <>
      <span class="row-title">
        <a href={alertHref(alert.alert_key)}>{alert.title}</a>
      </span>
      <span class="row-facts quiet">
        <code>{alert.alert_key}</code>
        {alert.episode > 1 ? <> episode {alert.episode}</> : null}
        {alert.surface_id === null ? null : (
          <>
            {' '}
            on <a href={surfaceHref(alert.surface_id)}>{alert.surface_id}</a>
          </>
        )}
        {url === null ? null : (
          <>
            {' · '}
            <ExternalLink href={url}>sender's page</ExternalLink>
          </>
        )}
      </span>
    </>
  );
}
