import type { Listener } from '../db/listen.ts';
import type { ConsoleApi } from '../http/consoleApi.ts';
import type { Changed } from '../model/actors.ts';

/** Passes on what other processes report as changed. After a reconnect, everything may have changed. */
export const createSubscribe =
  (listener: Listener): ConsoleApi['subscribe'] =>
  (onChange) => {
    const stopPayloads = listener.on('console', (payload) => {
      onChange({ actors: [], flags: false, sessions: [], ...(JSON.parse(payload) as Partial<Changed>) });
    });
    const stopReconnects = listener.onReconnect(() => onChange({ actors: [], flags: true, sessions: 'all' }));
    return () => {
      stopPayloads();
      stopReconnects();
    };
  };
