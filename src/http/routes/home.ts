import { type Endpoint, endpoint } from '../endpoint.ts';

export function homeRoutes(): Endpoint[] {
  return ['/', '/console'].map((path) =>
    endpoint({
      method: 'get',
      path,
      access: 'anyone',
      summary: 'Redirects to the status page.',
      answers: { 303: { description: 'The status page.' } },
      handle: () => ({ kind: 'redirect', to: '/console/status' }),
    }),
  );
}
