import type { Scenario } from './scenario.ts';
import { crowd } from './scenarios/crowd.ts';
import { eventCost } from './scenarios/eventCost.ts';
import { idle } from './scenarios/idle.ts';
import { investigate } from './scenarios/investigate.ts';
import { memory } from './scenarios/memory.ts';
import { newAlerts } from './scenarios/newAlerts.ts';
import { oneAlert } from './scenarios/oneAlert.ts';
import { outage } from './scenarios/outage.ts';
import { poller } from './scenarios/poller.ts';
import { repeatedAlerts } from './scenarios/repeatedAlerts.ts';
import { restart } from './scenarios/restart.ts';
import { soak } from './scenarios/soak.ts';
import { statusPage } from './scenarios/statusPage.ts';
import { tickets } from './scenarios/tickets.ts';
import { webhooks } from './scenarios/webhooks.ts';
import { webProcesses } from './scenarios/webProcesses.ts';
import { workers } from './scenarios/workers.ts';

/** Every scenario, in the order of docs/performance.md. */
export const SCENARIOS: readonly Scenario[] = [
  newAlerts,
  repeatedAlerts,
  oneAlert,
  webhooks,
  outage,
  tickets,
  investigate,
  memory,
  soak,
  restart,
  eventCost,
  poller,
  statusPage,
  crowd,
  workers,
  webProcesses,
  idle,
];
