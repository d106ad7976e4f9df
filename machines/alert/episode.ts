import { alertKeyOfActor } from '../shared/actorId.ts';
import { type AuditEntry, instantOf, type Severity } from '../shared/protocol.ts';
import { continuationOf } from './continuation.ts';
import { factsOf, latestSeverity } from './facts.ts';
import { suppressionOf } from './suppression.ts';
import type { AlertContext, EmittedEvent } from './types.ts';

/** Episodes: when one opens, what an emission changes in it, and which ids are firing. Pure. */

type Change = Partial<AlertContext>;

const MAX_IDS = 1000;
const RANK: Record<Severity, number> = { P1: 3, P2: 2, P3: 1 };

export function initialContext(actorId: string): AlertContext {
  const alertKey = alertKeyOfActor(actorId);
  return {
    alertKey,
    source: alertKey.slice(0, Math.max(0, alertKey.indexOf(':'))),
    episode: 0,
    active: false,
    since: '',
    starts: [],
    flapping: false,
    flapWindowMs: 0,
    ids: [],
    severity: 'P3',
    title: '',
    details: null,
    url: null,
    surfaceId: null,
    surfaceName: null,
    held: null,
    under: [],
    namedOn: [],
    dependents: [],
    dependentsSeen: [],
    filings: 0,
    filing: null,
    probe: false,
    ticket: null,
    unstable: false,
    reason: null,
    audited: [],
    said: 0,
    told: false,
    chores: [],
    dms: [],
  };
}

/** A quiet alert ranks below every other. */
const rankOf = ({ severity, quiet }: Pick<AlertContext, 'severity' | 'quiet'>): number => (quiet ? 0 : RANK[severity]);

export const severityRises = (context: AlertContext, event: EmittedEvent): boolean => rankOf(event) > rankOf(context);

/** Ids beyond the limit are not recorded, so they are never new. */
export const isNewId = ({ ids }: AlertContext, { alertId }: EmittedEvent): boolean =>
  !ids.includes(alertId) && ids.length < MAX_IDS;

/** Whether one more episode would be flapping: as many as allowed began within the window. */
export function isFlapping({ starts }: AlertContext, event: EmittedEvent): boolean {
  const from = Date.parse(instantOf(event)) - event.flapWindowMs;
  return starts.filter((start) => Date.parse(start) > from).length >= event.flapMaxEpisodes;
}

export const opened = (context: AlertContext, event: EmittedEvent): Change => ({
  ...factsOf(event),
  episode: context.episode + 1,
  active: true,
  flapping: event.flapping ?? false,
  ...(context.returns && { returns: null }),
  ...noEnd(context),
  ...(context.continues && { continues: null }),
  since: instantOf(event),
  starts: [...context.starts, instantOf(event)].slice(-event.flapMaxEpisodes),
  flapWindowMs: event.flapWindowMs,
  ids: [event.alertId],
  ...suppressionOf(event),
  namedOn: [],
  dependents: [],
  dependentsSeen: [],
  ticket: null,
  unstable: false,
  reason: null,
  audited: [],
  told: false,
  retitled: [],
});

/** The episode opens soon after the last one. Which ticket it continues is known before its own facts are set. */
export const continued = (context: AlertContext, event: EmittedEvent): Change => ({
  ...opened(context, event),
  continues: continuationOf(context),
});

/** The same episode goes on. Facts and severity of the emission are compared after this. */
export const resumed = (context: AlertContext, { alertId, flapWindowMs }: EmittedEvent): Change => ({
  ...noEnd(context),
  active: true,
  flapping: true,
  flapWindowMs,
  ids: [alertId],
});

/** Includes the suppression, so that one emission which changes both leads to one decision. */
export const escalated = (context: AlertContext, event: EmittedEvent): Change =>
  event.late
    ? { severity: event.severity, latestSeverity: latestSeverity(context), quiet: false }
    : { ...factsOf(event), ...suppressionOf(event) };

export const withId = ({ ids }: AlertContext, alertId: string): Change => ({ ids: [...ids, alertId] });
export const withoutId = ({ ids }: AlertContext, alertId: string): Change => ({
  ids: ids.filter((id) => id !== alertId),
});

const noEnd = ({ endedAt }: AlertContext): Change => (endedAt ? { endedAt: null } : {});

export const closed = (event: object): Change => ({ active: false, ids: [], endedAt: instantOf(event) });

export const collisionAudit = ({ alertKey, ids }: AlertContext, { alertId }: EmittedEvent): AuditEntry[] => [
  {
    action: 'console.alerts.key_collision',
    payload: { alert_key: alertKey, alert_ids: [...ids.slice(-1), alertId] },
    actor: alertKey.slice(0, alertKey.indexOf(':')),
  },
];

export const unstableIdsAudit = (
  { alertKey, source, title, surfaceId }: AlertContext,
  { alertIds }: { alertIds: string[] },
): AuditEntry[] => [
  {
    action: 'console.alerts.unstable_ids',
    payload: { alert_key: alertKey, source, title, surface_id: surfaceId, alert_ids: alertIds },
    actor: source,
  },
];

export const byHand = ({ by, reason }: { by: string; reason: string }): string => `resolved by ${by}: ${reason}`;

export const resolvedByHandAudit = (
  { alertKey, severity, title }: AlertContext,
  { by, reason }: { by: string; reason: string },
): AuditEntry[] => [
  {
    action: 'console.alerts.resolved_by_hand',
    payload: { alert_key: alertKey, severity, title, reason, by },
    actor: by,
  },
];
