import type { JSX } from 'preact';
import type { ShadowList, ShadowMessage, ShadowTicket } from '../../model/senders.ts';
import { Tag } from './badges.tsx';
import { type Column, Table } from './table.tsx';
import { TimestampWithAge } from './time.tsx';

/** Tickets and messages that shadow mode composed and did not post. Nothing if there never were any. */
export function ShadowPanel({ shadow }: { shadow: ShadowList }): JSX.Element | null {
  const { sources, surfaces, tickets, messages } = shadow;
  if (sources.length + surfaces.length + tickets.length + messages.length === 0) return null;
  return (
    <section class="panel" id="shadow" aria-labelledby="shadow-title">
      <h2 id="shadow-title">Shadow mode</h2>
      <p class="quiet">{summary(shadow)}</p>
      {tickets.length === 0 ? null : (
        <Table
          caption="Tickets that were not posted"
          columns={TICKETS}
          rows={tickets}
          rowId={({ alert_key, source, composed_at }) => `${alert_key ?? source} ${composed_at}`}
        />
      )}
      {messages.length === 0 ? null : (
        <Table
          caption="Direct messages that were not sent"
          columns={MESSAGES}
          rows={messages}
          rowId={({ source, kind, headline, composed_at }) => `${source} ${kind} ${headline} ${composed_at}`}
        />
      )}
    </section>
  );
}

const TICKETS: Column<ShadowTicket>[] = [
  { title: 'Composed', cell: ({ composed_at }) => <TimestampWithAge at={composed_at} /> },
  { title: 'Source', cell: ({ source }) => source },
  {
    title: 'Ticket',
    isRowHeader: true,
    wide: true,
    cell: ({ subject, text, on_umbrella }) => (
      <>
        <details>
          <summary>{subject}</summary>
          {/* biome-ignore lint/a11y/useSemanticElements: it scrolls, and what takes the focus needs a name */}
          <pre class="json" tabIndex={0} role="region" aria-label={`Text of ${subject}`}>
            {text}
          </pre>
        </details>{' '}
        {on_umbrella ? <Tag tone="warn">on an umbrella ticket</Tag> : null}
      </>
    ),
  },
];

const MESSAGES: Column<ShadowMessage>[] = [
  { title: 'Composed', cell: ({ composed_at }) => <TimestampWithAge at={composed_at} /> },
  { title: 'Source', cell: ({ source }) => source },
  { title: 'Message', isRowHeader: true, wide: true, cell: ({ headline }) => headline },
  { title: 'Kind', cell: ({ kind }) => kind },
];

function summary({ sources, surfaces, tickets_total, tickets, messages_total, messages }: ShadowList): string {
  const now = [...sources.map((id) => `source ${id}`), ...surfaces.map((id) => `surface ${id}`)];
  const sentences = [
    now.length === 0
      ? 'Nothing is in shadow mode now.'
      : `In shadow mode: ${now.join(', ')}. Nothing about their alerts is posted. Alerts that are still active get their tickets once shadow mode ends.`,
    `${amount(tickets_total, 'ticket')} and ${amount(messages_total, 'message')} were composed.`,
  ];
  if (tickets_total > tickets.length || messages_total > messages.length) sentences.push('The latest are shown.');
  return sentences.join(' ');
}

/** No more than so many are counted. */
const MAX_COUNTED = 1_000;
const amount = (count: number, noun: string): string =>
  `${count}${count >= MAX_COUNTED ? ' or more' : ''} ${count === 1 ? noun : `${noun}s`}`;
