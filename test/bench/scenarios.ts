import type { Scenario } from './scenario.ts';
import { newAlerts } from './scenarios/newAlerts.ts';
import { repeatedAlerts } from './scenarios/repeatedAlerts.ts';
import { statusPage } from './scenarios/statusPage.ts';

/** Every scenario, in the order of the table in docs/performance.md. */
export const SCENARIOS: readonly Scenario[] = [newAlerts, repeatedAlerts, statusPage];
