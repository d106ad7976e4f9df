import type { JSX } from 'preact';
import type { PageOf } from '../../model/operations.ts';
import type { SessionRow } from '../../model/people.ts';
import type { Page } from '../endpoint.ts';
import { Tag } from './badges.tsx';
import { Empty, NextPage, PostForm } from './elements.tsx';
import { type Column, Table } from './table.tsx';
import { When } from './time.tsx';
import { useViewer } from './viewerContext.ts';

const PATH = '/console/sessions';

interface Props {
  sessions: PageOf<SessionRow>;
  cursor: string | undefined;
  /** The one in which this page is looked at. */
  own: string | null;
}

export function sessionsPage(sessions: Props['sessions'], facts: Omit<Props, 'sessions'>): Page {
  return {
    title: 'Sessions',
    section: 'sessions',
    live: [],
    body: <SessionsView sessions={sessions} {...facts} />,
  };
}

function SessionsView({ sessions, cursor, own }: Props): JSX.Element {
  const { signInSet } = useViewer();
  return (
    <>
      <div class="page-head">
        <h1>Sessions</h1>
        <p class="quiet">
          Who is signed in, and in which browsers. A role is that of the last sign-in: end the session of somebody whose
          groups have changed.
        </p>
      </div>
      {sessions.rows.length === 0 ? (
        <Empty title={signInSet ? 'Nobody is signed in.' : 'Nobody signs in here.'} />
      ) : (
        <Table
          caption="Sessions, newest first"
          columns={columnsFor(own)}
          rows={sessions.rows}
          rowId={(session) => session.id}
        />
      )}
      <NextPage path={PATH} query={{ cursor }} cursor={sessions.next_cursor} />
    </>
  );
}

const columnsFor = (own: string | null): Column<SessionRow>[] => [
  {
    title: 'Who',
    heads: true,
    cell: (session) => (
      <>
        {session.name} {session.id === own ? <Tag>this one</Tag> : null}
      </>
    ),
  },
  { title: 'Role', cell: (session) => session.role },
  { title: 'Signed in', cell: (session) => <When at={session.signed_in_at} /> },
  { title: 'Last used', cell: (session) => <When at={session.last_used_at} /> },
  { title: 'Ends', cell: (session) => <When at={session.expires_at} /> },
  { title: 'From', cell: (session) => <Browser session={session} /> },
  { title: 'End it', cell: (session) => <Revoke session={session} /> },
];

function Browser({ session }: { session: SessionRow }): JSX.Element {
  return (
    <>
      <code>{session.address ?? 'unknown'}</code> <span class="quiet">{session.user_agent}</span>
    </>
  );
}

function Revoke({ session }: { session: SessionRow }): JSX.Element {
  return (
    <PostForm action={`${PATH}/${encodeURIComponent(session.id)}/revoke`}>
      <button type="submit" class="button">
        Revoke
        <span class="sr-only">
          {' '}
          the session of {session.name}, {session.id}
        </span>
      </button>
    </PostForm>
  );
}
