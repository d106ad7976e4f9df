import type { alertMachine } from '../../../machines/alert/machine.ts';
import type { Severity } from '../../../machines/shared/protocol.ts';
import { type ChildState, contextOf, projectionOf } from './projection.ts';

export const alertSql = projectionOf<typeof alertMachine>();

/** Of an actor `a`, as jsonb and as the index has it: true sorts before false. */
export const ACTIVE = `coalesce(${alertSql.json('active', contextOf('a'))}, 'false'::jsonb)`;

/** Whether the episode of alert `a` is active. */
export const IS_ACTIVE = `${ACTIVE} = 'true'`;

/** Whether alert `a` has not ended at its sender. The episode of a flapping alert stays active when it has. */
export const IS_FIRING = alertSql.isIn('life.firing', 'a.state');

/** Severity of its last emission, which the console shows. */
export const SEVERITY = `coalesce(${alertSql.text('latestSeverity', contextOf('a'))}, ${alertSql.text('severity', contextOf('a'))})`;

/** Of active alerts, the worst first in descending order: a text, as the index has it. Empty for alerts that are over. */
export const RANK = `(case when ${IS_ACTIVE} then translate(${SEVERITY}, '123', '987') else '' end) collate "C"`;

/** Whether the alert is named on an umbrella ticket instead of having its own. */
export const isOnUmbrella = (state?: string): string => alertSql.isIn('ticket.stormed', state);

/** Whether the alert has one of these severities. */
export const hasSeverity = (severities: readonly Severity[], context?: string): string =>
  `${alertSql.text('severity', context)} in (${severities.map((severity) => `'${severity}'`).join(', ')})`;

type LifeState = ChildState<typeof alertMachine, 'life'>;

/** The states in which an episode is open. */
const OPEN: readonly LifeState[] = ['firing', 'cooling'];

/** Whether a stored state value has an open episode. */
export const hasOpenEpisode = (state: string): string =>
  `coalesce(${alertSql.childOf('life', state)} in (${OPEN.map((each) => `'${each}'`).join(', ')}), false)`;

/** The timer after which somebody else is told that nobody is assigned to the ticket. */
export const ESCALATION_TIMER = 'xstate.after.escalation.alert.escalation.watching';

type TicketState = ChildState<typeof alertMachine, 'ticket'>;

/** Whether a stored value of the region `ticket` is this state. A state with children is stored as an object. */
export const isTicketState = (state: TicketState, region: unknown): boolean =>
  region === state || (typeof region === 'object' && region !== null && Object.hasOwn(region, state));

/** Of active alerts, those whose messages or ticket a silence holds back, as the index has it. */
export const IS_SILENCED = `${alertSql.text('held', contextOf('a'))} = 'silenced'`;
