import { type Endpoint, endpoint } from '../endpoint.ts';
import type { LiveUpdates } from '../liveUpdates.ts';
import { has } from '../middleware/authenticate.ts';
import { eventsQuery } from '../schemas/inputs.ts';
import { auditActor } from './auditActor.ts';

export function eventRoutes(live: LiveUpdates): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/console/events',
      access: 'viewer',
      summary:
        'Streams server-sent events: first `hello` (`catch_up` is true if events may have been missed), then ' +
        '`changed` with the ids of changed actors, `banners` with a digest of the warnings on pages when they change, ' +
        '`signed-out` when the session ends, and `beat` every 15 s. ' +
        'With `grid_since`, also `grid` with the ids of the surfaces whose tiles changed since that time, or `all`. ' +
        'With `age_ms`, the milliseconds since the page was requested, also `changed` with what changed meanwhile.',
      query: eventsQuery,
      answers: {
        200: { description: 'The stream, until either side ends it.', type: 'text/event-stream' },
        429: { description: 'Too many streams of this caller, or of all together.' },
      },
      handle(ctx, { query: { grid_since, age_ms } }) {
        ctx.type = 'text/event-stream';
        ctx.set('X-Accel-Buffering', 'no');
        ctx.compress = false;
        ctx.status = 200;
        if (ctx.method === 'HEAD') return { kind: 'text', type: 'text/event-stream', text: '' };
        ctx.req.socket.setKeepAlive(true);
        const subscriber = {
          reader: auditActor(ctx),
          session: ctx.state.session,
          mayRead: () => has(ctx.state.principalNow(), 'viewer'),
          gridSince: grid_since,
          ageMs: age_ms,
        };
        ctx.body = live.open(ctx.get('last-event-id') !== '', subscriber);
        return { kind: 'written' };
      },
    }),
  ];
}
