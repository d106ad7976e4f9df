import type { JSX } from 'preact';
import type { Problem, ProblemCode } from '../../lib/problem.ts';
import type { Page } from '../endpoint.ts';
import type { NextLink } from '../nextLink.ts';

const TITLES: Record<ProblemCode, string> = {
  bad_request: 'Bad request',
  invalid_json: 'Invalid JSON',
  not_found: 'Not found',
  unknown_surface: 'No such surface',
  unknown_alert: 'No such alert',
  unknown_customer: 'No such customer',
  unknown_flag: 'No such flag',
  unknown_silence: 'No such silence',
  unauthenticated: 'Not signed in',
  forbidden: 'Not allowed',
  csrf: 'Request refused',
  feature_disabled: 'Turned off',
  not_degraded: 'Nothing to investigate',
  not_active: 'Not active',
  forced_off: 'Forced off',
  reason_gone: 'No longer needed',
  count_differs: 'Not replayed',
  too_many_silences: 'Too many silences',
  method_not_allowed: 'Method not allowed',
  invalid_field: 'Invalid input',
  body_too_large: 'Too large',
  unsupported_media_type: 'Unsupported content type',
  database_unavailable: 'Database unavailable',
  busy: 'Busy',
  sign_in_failed: 'Sign-in failed',
  no_role: 'No access',
  sign_in_again: 'Sign in again',
  identity_provider_unavailable: 'Identity provider unavailable',
  too_many_requests: 'Too many requests',
  not_implemented: 'Not available',
  internal: 'Internal error',
};

/** After these the page links to the sign-in page. */
const SIGN_IN_PROBLEMS = new Set<ProblemCode>(['sign_in_failed', 'no_role', 'identity_provider_unavailable']);

/** An error page: what happened, and a link to continue. */
export function problemPage(problem: Problem, next: NextLink): Page {
  const title = TITLES[problem.code];
  return { title, section: null, live: [], body: <ProblemView {...{ problem, title, next }} /> };
}

function ProblemView({ problem, title, next }: { problem: Problem; title: string; next: NextLink }): JSX.Element {
  const isSignIn = SIGN_IN_PROBLEMS.has(problem.code);
  return (
    <article class="problem-page">
      <h1>{title}</h1>
      {problem.message === `${title}.` ? null : <p>{problem.message}</p>}
      {problem.code === 'unknown_customer' ? (
        <p>
          Customers are imported with <code>auto-ticketing customers import FILE.csv</code>. Search for them by id, name
          or email address.
        </p>
      ) : null}
      {problem.status === 503 && !isSignIn ? (
        <p>
          {problem.code === 'database_unavailable' ? 'Checks and tickets resume automatically. ' : ''}
          Reload this page to try again.
        </p>
      ) : null}
      <p class="quiet">
        {problem.status} <code>{problem.code}</code>
      </p>
      <p>
        {problem.code === 'no_role' ? <a href="/sign-in/start?as=somebody-else">Sign in as a different user</a> : null}
        {problem.code === 'sign_in_again' ? (
          <a href={`/sign-in/start?${new URLSearchParams({ as: 'again', to: next.href })}`}>Sign in again</a>
        ) : null}
        {isSignIn && problem.code !== 'no_role' ? <a href="/sign-in">Sign in</a> : null}
        {isSignIn ? null : <a href={next.href}>{next.label}</a>}
      </p>
    </article>
  );
}
