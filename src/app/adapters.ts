import type { Config } from '../config/config.ts';
import { secretsOf } from '../config/secrets.ts';
import type { Log } from '../log/log.ts';
import { registerSecrets } from '../log/secretTexts.ts';
import type { Outgoing } from '../net/outgoing.ts';
import { createSlack } from '../notify/slack/messenger.ts';
import { createFreeScout } from '../tickets/freescout/client.ts';
import type { Metrics } from './metrics.ts';

interface AdapterDeps {
  config: Config;
  log: Log;
  metrics: Metrics;
  outgoing: Outgoing;
}

/** Clients of other systems. Another help desk or messenger is chosen here. */
export function createAdapters({ config, log, metrics, outgoing }: AdapterDeps) {
  // Before anything enters that could repeat one of them.
  registerSecrets(secretsOf(config));
  const observe = (system: string) => (verb: string, outcome: string, ms: number) =>
    metrics.calls.observe({ system, verb, outcome }, ms / 1000);
  return {
    desk: createFreeScout(config.freescout, { log, outgoing, metrics: { onCall: observe('freescout') } }),
    messenger: createSlack(config.slack, { log, outgoing, metrics: { slackCall: observe('slack') } }),
  };
}
