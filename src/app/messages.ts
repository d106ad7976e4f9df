import type { Pool } from 'pg';
import { groupedMessageActor, recipientActor } from '../../machines/shared/actorId.ts';
import type { DmRequest } from '../../machines/shared/protocol.ts';
import type { Deliver } from '../actors/deliver.ts';
import type { Sources } from '../alerts/sources/sources.ts';
import { takeStormSlots } from '../alerts/stormSlots.ts';
import type { Config } from '../config/config.ts';
import type { DatabaseClock } from '../db/databaseClock.ts';
import type { Log } from '../log/log.ts';
import { createCopyStore } from '../notify/copyStore.ts';
import { createDmStore } from '../notify/dmStore.ts';
import { createDms, type Dms } from '../notify/dms.ts';
import { createHandOver } from '../notify/handOver.ts';
import type { ReadNotificationRules } from '../notify/notificationRules.ts';
import type { Messenger } from '../notify/port.ts';

/** From a message that a machine asked for to Slack, or to the actors of its recipients. */
export function createMessages(deps: {
  pool: Pool;
  clock: DatabaseClock;
  config: Config;
  messenger: Messenger;
  sources: Sources;
  rules: ReadNotificationRules;
  deliver: Deliver;
  log: Log;
}): Dms {
  const { pool, clock, config, messenger, sources, rules, deliver, log } = deps;
  return createDms({
    store: createDmStore(pool, clock),
    messenger,
    consoleUrl: config.publicUrl,
    admit: async (source, ids) =>
      takeStormSlots(pool, await sources.stormLimits(source), { table: 'direct_messages', source, ids }),
    handOver: createHandOver({
      store: createCopyStore(pool),
      rules,
      defaultUserId: config.slack.dmUserId,
      deliver: async (copies) => {
        await deliver(copies.map(toItsActor));
      },
    }),
    log,
  });
}

/**
 * All copies about an alert for one recipient go to one actor, which keeps their order; a grouped message has an actor of
 * its own. The id makes a repeated delivery harmless.
 */
export const toItsActor = (request: DmRequest) => {
  const { id, kind, body, to = null } = request;
  return {
    to: kind === 'grouped' ? groupedMessageActor(id) : recipientActor(String(body.alertKey), to),
    event: { type: 'SEND', request },
    eventId: `copy:${id}`,
  };
};
