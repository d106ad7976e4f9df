import type { Config } from '../config/config.ts';
import type { Log } from '../log/log.ts';
import { createSlack } from '../notify/slack/messenger.ts';
import { createFreeScout } from '../tickets/freescout/client.ts';
import type { Metrics } from './metrics.ts';

/** Clients of other systems. Another help desk or messenger is chosen here. */
export function createAdapters(config: Config, log: Log, metrics: Metrics) {
  const observe = (system: string) => (verb: string, outcome: string, ms: number) =>
    metrics.calls.observe({ system, verb, outcome }, ms / 1000);
  return {
    desk: createFreeScout(config.freescout, { log, metrics: { onCall: observe('freescout') } }),
    messenger: createSlack(config.slack, { log, metrics: { slackCall: observe('slack') } }),
  };
}
