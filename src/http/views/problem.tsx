import type { JSX } from 'preact';
import type { Problem } from '../../errors.ts';
import type { Page } from '../endpoint.ts';

const TITLES: Partial<Record<Problem['code'], string>> = {
  not_found: 'Nothing here',
  unknown_surface: 'No such surface',
  unknown_customer: 'No such customer',
  unknown_flag: 'No such flag',
  unauthenticated: 'Not signed in',
  forbidden: 'Not allowed',
  csrf: 'Not accepted',
  feature_disabled: 'Switched off',
  not_degraded: 'Nothing to investigate',
  forced_off: 'Forced off',
  database_unavailable: 'The database is away',
  busy: 'No answer in time',
  not_implemented: 'Not available',
  internal: 'Something went wrong',
};

/** Says what happened and where to go from there. */
export function problemPage(problem: Problem): Page {
  const title = TITLES[problem.code] ?? 'Not understood';
  return { title, section: null, live: [], body: <ProblemView problem={problem} title={title} /> };
}

function ProblemView({ problem, title }: { problem: Problem; title: string }): JSX.Element {
  return (
    <article class="problem-page">
      <h1>{title}</h1>
      <p>{problem.message}</p>
      {problem.status === 503 ? (
        <p>Checks and tickets go on by themselves as soon as it is back. Reload this page to look again.</p>
      ) : null}
      <p class="quiet">
        {problem.status} <code>{problem.code}</code>
      </p>
      <p>
        <a href="/console/status">To the status page</a>
      </p>
    </article>
  );
}
