import type { ComponentChildren, JSX } from 'preact';
import { TOKEN_FIELD } from '../middleware/body.ts';
import { useViewer } from './viewerContext.ts';

/** The address if it is http or https, else null: a `javascript:` address must never become a link. */
export function safeHref(href: string): string | null {
  if (!URL.canParse(href)) return null;
  const { protocol } = new URL(href);
  return protocol === 'https:' || protocol === 'http:' ? href : null;
}

interface LinkProps {
  href: string;
  children?: ComponentChildren;
}

/** A link out of the console; plain text if the address is not safe. */
export function ExternalLink({ href, children }: LinkProps): JSX.Element {
  const safe = safeHref(href);
  if (safe === null) return <span class="not-a-link">{children ?? href}</span>;
  return (
    <a href={safe} rel="noopener noreferrer">
      {children ?? href}
    </a>
  );
}

export function TicketRef({ ticket }: { ticket: { id: number; url: string } }): JSX.Element {
  return <ExternalLink href={ticket.url}>Ticket #{ticket.id}</ExternalLink>;
}

export const surfaceHref = (id: string) => `/console/surfaces/${encodeURIComponent(id)}`;
export const alertHref = (key: string) => `/console/alerts/${encodeURIComponent(key)}`;
export const actorHref = (id: string) => `/console/inspect/actors/${encodeURIComponent(id)}`;

interface PostFormProps {
  action: string;
  class?: string;
  children: ComponentChildren;
  [attribute: string]: unknown;
}

/** A form with the CSRF token that every POST needs. */
export function PostForm({ action, children, ...rest }: PostFormProps): JSX.Element {
  const { csrf } = useViewer();
  return (
    <form method="post" action={action} {...rest}>
      <input type="hidden" name={TOKEN_FIELD} value={csrf ?? ''} />
      {children}
    </form>
  );
}

interface SectionProps {
  id: string;
  title: string;
  children: ComponentChildren;
}

/** A part of a page under a heading; `id` is the address of that heading. */
export function Section({ id, title, children }: SectionProps): JSX.Element {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

/** An empty list because of its filter, with a link that clears the filter. */
export function NoMatches({ title, path }: { title: string; path: string }): JSX.Element {
  return (
    <Empty title={title}>
      <p>
        <a href={path}>Show all</a>
      </p>
    </Empty>
  );
}

/** `label` says whose value it is, since a page may show several. */
export function Json({ value, label }: { value: unknown; label: string }): JSX.Element {
  return (
    // biome-ignore lint/a11y/useSemanticElements: it scrolls, and what takes the focus needs a name
    <pre class="json" tabIndex={0} role="region" aria-label={label}>
      {JSON.stringify(value, null, 2) ?? 'undefined'}
    </pre>
  );
}

/** A value on one line. */
function InlineJson({ value }: { value: unknown }): JSX.Element {
  return <code class="inline">{typeof value === 'string' ? value : (JSON.stringify(value) ?? '')}</code>;
}

/** A stored error: its code and message, else the value as JSON. */
export function ErrorText({ error }: { error: unknown }): JSX.Element {
  if (typeof error !== 'object' || error === null || !('message' in error)) return <InlineJson value={error} />;
  const code = 'code' in error && error.code ? `${error.code}: ` : '';
  return <span class="error-text">{`${code}${error.message}`}</span>;
}

/** A link to the next page of a list, with the same filter. */
export function NextPage({ path, query, cursor, label = 'Next page' }: NextPageProps): JSX.Element | null {
  if (cursor === null) return null;
  const filter = Object.entries(query).filter(
    (entry): entry is [string, string] => entry[0] !== 'cursor' && entry[1] !== undefined,
  );
  const search = new URLSearchParams([...filter, ['cursor', cursor]]);
  return (
    <nav class="pager" aria-label="Pages">
      {query.cursor === undefined ? null : <a href={firstPage(path, filter)}>First page</a>}
      <a href={`${path}?${search}`} rel="next">
        {label}
      </a>
    </nav>
  );
}

export interface NextPageProps {
  path: string;
  query: Record<string, string | undefined>;
  cursor: string | null;
  label?: string;
}

function firstPage(path: string, filter: [string, string][]): string {
  const search = new URLSearchParams(filter).toString();
  return search === '' ? path : `${path}?${search}`;
}
