import { type Endpoint, endpoint } from '../endpoint.ts';
import type { LiveLink } from '../live.ts';
import { eventsQuery } from '../schemas/inputs.ts';

export function eventRoutes(live: LiveLink): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/console/events',
      access: 'viewer',
      summary:
        'Server-sent events: `hello` at the beginning (`catch_up` when the reader may have missed something), ' +
        '`changed` with the ids of changed actors, `signed-out` when the session was ended, `beat` every 15 s. ' +
        'With `grid_since`, also `grid` with the ids of the ' +
        'surfaces whose tiles changed since then, or `all`.',
      query: eventsQuery,
      answers: { 200: { what: 'The stream, until either side ends it.', type: 'text/event-stream' } },
      handle(ctx, { query: { grid_since } }) {
        ctx.type = 'text/event-stream';
        ctx.set('X-Accel-Buffering', 'no');
        ctx.compress = false;
        ctx.status = 200;
        if (ctx.method === 'HEAD') return { kind: 'text', type: 'text/event-stream', text: '' };
        ctx.req.socket.setKeepAlive(true);
        ctx.body = live.open(ctx.get('last-event-id') !== '', { session: ctx.state.session, gridSince: grid_since });
        return { kind: 'written' };
      },
    }),
  ];
}
