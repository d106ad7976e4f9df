import { alertmanager } from './alertmanager.ts';
import { cloudevents } from './cloudevents.ts';
import { gatus } from './gatus.ts';
import { generic } from './generic.ts';
import { grafana } from './grafana.ts';
import { opsgenie } from './opsgenie.ts';
import { pagerduty } from './pagerduty.ts';
import type { Sender } from './sender.ts';
import { uptimeKuma } from './uptimeKuma.ts';

/** Every sender with an adapter, in the order of the documentation. */
export const SENDERS: readonly Sender[] = [
  alertmanager,
  grafana,
  uptimeKuma,
  gatus,
  pagerduty,
  opsgenie,
  cloudevents,
  generic,
];

export const SENDER_NAMES: readonly string[] = SENDERS.map(({ name }) => name);

const BY_NAME = new Map(SENDERS.map((sender) => [sender.name, sender]));

export const senderNamed = (name: string): Sender | undefined => BY_NAME.get(name);
