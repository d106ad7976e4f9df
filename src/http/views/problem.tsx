import type { JSX } from 'preact';
import type { Problem } from '../../lib/problem.ts';
import type { Page } from '../endpoint.ts';
import type { NextLink } from '../nextLink.ts';

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
  reason_gone: 'No longer wanted',
  count_differs: 'Not replayed',
  invalid_field: 'Not accepted',
  body_too_large: 'Too large',
  database_unavailable: 'The database is away',
  busy: 'No answer in time',
  sign_in_failed: 'Not signed in',
  no_role: 'No role here',
  identity_provider_unavailable: 'The identity provider is away',
  too_many_requests: 'Not so fast',
  not_implemented: 'Not available',
  internal: 'Something went wrong',
};

/** What went wrong on the way in is tried again there. */
const AT_SIGN_IN = new Set<Problem['code']>(['sign_in_failed', 'no_role', 'identity_provider_unavailable']);

/** Says what happened and where to go from there. */
export function problemPage(problem: Problem, way: NextLink): Page {
  const title = TITLES[problem.code] ?? 'Not understood';
  return { title, section: null, live: [], body: <ProblemView {...{ problem, title, way }} /> };
}

function ProblemView({ problem, title, way }: { problem: Problem; title: string; way: NextLink }): JSX.Element {
  return (
    <article class="problem-page">
      <h1>{title}</h1>
      <p>{problem.message}</p>
      {problem.code === 'unknown_customer' ? (
        <p>
          Customers come from <code>auto-ticketing customers import FILE.csv</code>; they are found by their id.
        </p>
      ) : null}
      {problem.status === 503 && !AT_SIGN_IN.has(problem.code) ? (
        <p>Checks and tickets go on by themselves as soon as it is back. Reload this page to look again.</p>
      ) : null}
      <p class="quiet">
        {problem.status} <code>{problem.code}</code>
      </p>
      <p>
        {problem.code === 'no_role' ? <a href="/sign-in/start?as=somebody-else">Sign in as somebody else</a> : null}
        {AT_SIGN_IN.has(problem.code) && problem.code !== 'no_role' ? <a href="/sign-in">Sign in</a> : null}
        {AT_SIGN_IN.has(problem.code) ? null : <a href={way.href}>{way.label}</a>}
      </p>
    </article>
  );
}
