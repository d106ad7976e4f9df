/** Groups of operations in the API description, each with the paths that begin so. The first that fits counts. */
const TAGS: [name: string, description: string, paths: RegExp][] = [
  ['Status', 'The status page, and tickets on demand.', /^\/(console)?$|^\/console\/(status|events)/],
  ['Surfaces', 'One watched surface, and its maintenance.', /^\/console\/surfaces/],
  ['Alerts', 'Alerts of all sources, and silences.', /^\/(console\/(alerts|silences)|api\/alerts)/],
  [
    'Senders',
    'Webhooks of alert senders, and what is known of each source.',
    /^\/(api\/webhooks|v2\/|console\/sources)/,
  ],
  ['Weekly', 'What happened in one week, and what to fix first.', /^\/console\/weekly/],
  ['Customers', "A customer's tickets.", /^\/console\/customers/],
  ['Flags', 'Feature flags.', /^\/console\/flags/],
  ['Audit', 'What was decided, by whom and why.', /^\/console\/(audit|reconcile)/],
  ['Inspect', 'State machines and their history.', /^\/console\/inspect/],
  ['Dead letters', 'What could not be delivered.', /^\/console\/dead-letters/],
  ['Sessions', 'Signing in, who is signed in, and what was refused.', /^\/(sign-|console\/((my-)?sessions|refusals))/],
  ['Health', 'For platforms and monitoring.', /^\/(healthz|readyz|metrics|openapi\.json)/],
];

export const tags = TAGS.map(([name, description]) => ({ name, description }));

/** The tag of a path. Throws for a path without one, so that no route is left out. */
export function tagOf(path: string): string {
  const [name] = TAGS.find(([, , paths]) => paths.test(path)) ?? [];
  if (name === undefined) throw new Error(`no tag of the API description fits ${path}`);
  return name;
}
