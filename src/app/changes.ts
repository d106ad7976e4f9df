import { z } from 'zod';
import { CONSOLE_CHANNELS } from '../db/channels.ts';
import type { Listener } from '../db/listen.ts';
import type { ConsoleApi } from '../http/consoleApi.ts';

/** Passes on what other processes report as changed. After a reconnect, everything may have changed. */
export const createSubscribe =
  (listener: Listener): ConsoleApi['subscribe'] =>
  (onChange) => {
    const stopPayloads = CONSOLE_CHANNELS.map((channel) =>
      listener.on(channel, (payload) => {
        const change = parsed(payload);
        if (change) onChange(change);
      }),
    );
    const stopReconnects = listener.onReconnect(() => onChange({ actors: [], flags: true, sessions: 'all' }));
    return () => {
      for (const stop of stopPayloads) stop();
      stopReconnects();
    };
  };

const Change = z
  .object({
    actors: z.array(z.string()).default([]),
    flags: z.boolean().default(false),
    sessions: z.union([z.array(z.string()), z.literal('all')]).default([]),
    /** The same was notified on the channel of this release. */
    copy: z.boolean().default(false),
  })
  .refine(({ copy }) => !copy);

/** Null for what this release does not understand: another program may use the channel, or a later release. */
function parsed(payload: string) {
  let json: unknown;
  try {
    json = JSON.parse(payload);
  } catch {
    return null;
  }
  const { data } = Change.safeParse(json);
  return data ? { actors: data.actors, flags: data.flags, sessions: data.sessions } : null;
}
