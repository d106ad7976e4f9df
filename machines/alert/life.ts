import { type AuditEntry, type DmRequest, instantOf, type NoteAbout, type Severity } from '../shared/protocol.ts';
import type { AlertContext, EmittedEvent, Ending } from './types.ts';

/** What an alert counts and says about its episodes: pure arithmetic over context and event. */

type Change = Partial<AlertContext>;

const IDS_REMEMBERED = 1000;
const RANK: Record<Severity, number> = { P1: 3, P2: 2, P3: 1 };

export function blank(id: string): AlertContext {
  const alertKey = id.replace(/^alert:/, '');
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
    chores: [],
    dms: [],
  };
}

export const rises = ({ severity }: AlertContext, event: EmittedEvent): boolean =>
  RANK[event.severity] > RANK[severity];
export const isNewId = ({ ids }: AlertContext, event: EmittedEvent): boolean =>
  !ids.includes(event.alertId) && ids.length < IDS_REMEMBERED;

/** What an emission says of tickets; one of an older release knows of nothing but the flag. */
export const hold = ({ held, under, auto }: EmittedEvent): Pick<AlertContext, 'held' | 'under'> => ({
  held: held === undefined && auto === false ? 'flag_off' : (held ?? null),
  under: under ?? [],
});

export function holdChanges(context: AlertContext, event: EmittedEvent): boolean {
  const { held, under } = hold(event);
  return held !== context.held || under.join() !== context.under.join();
}

/** Nothing in it has to be weighed first, not even that another id fires. */
export const repeats = (context: AlertContext, event: EmittedEvent): boolean =>
  !isNewId(context, event) && !rises(context, event) && !holdChanges(context, event);

/** So many episodes began within the window that one more would be noise. */
export function flaps({ starts }: AlertContext, event: EmittedEvent): boolean {
  const from = Date.parse(instantOf(event)) - event.flapWindowMs;
  return starts.filter((start) => Date.parse(start) > from).length >= event.flapMaxEpisodes;
}

const facts = (event: EmittedEvent): Change => ({
  severity: event.severity,
  title: event.title,
  details: event.details,
  url: event.url,
  surfaceId: event.surfaceId,
  surfaceName: event.surfaceName,
});

export const opened = (context: AlertContext, event: EmittedEvent): Change => ({
  ...facts(event),
  episode: context.episode + 1,
  active: true,
  flapping: false,
  since: instantOf(event),
  starts: [...context.starts, instantOf(event)].slice(-event.flapMaxEpisodes),
  flapWindowMs: event.flapWindowMs,
  ids: [event.alertId],
  ...hold(event),
  namedOn: [],
  dependents: [],
  dependentsSeen: [],
  ticket: null,
  unstable: false,
  reason: null,
  audited: [],
});

/** The same episode goes on: it never really ended. What else the emission says is weighed after this. */
export const resumed = (event: EmittedEvent): Change => ({
  active: true,
  flapping: true,
  flapWindowMs: event.flapWindowMs,
  ids: [event.alertId],
});

/** Takes along what holds tickets back, so that one emission which changes both is decided upon once. */
export const worsened = (event: EmittedEvent): Change => ({ ...facts(event), ...hold(event) });

export const joined = ({ ids }: AlertContext, event: EmittedEvent): Change => ({ ids: [...ids, event.alertId] });
export const left = ({ ids }: AlertContext, event: { alertId: string }): Change => ({
  ids: ids.filter((id) => id !== event.alertId),
});

export const ended: Change = { active: false, ids: [] };

export const collision = ({ alertKey, ids }: AlertContext, event: EmittedEvent): AuditEntry[] => [
  {
    action: 'console.alerts.key_collision',
    payload: { alert_key: alertKey, alert_ids: [...ids.slice(-1), event.alertId] },
    actor: alertKey.slice(0, alertKey.indexOf(':')),
  },
];

export const unstableAudit = (
  { alertKey, source, title, surfaceId }: AlertContext,
  { alertIds }: { alertIds: string[] },
): AuditEntry[] => [
  {
    action: 'console.alerts.unstable_ids',
    payload: { alert_key: alertKey, source, title, surface_id: surfaceId, alert_ids: alertIds },
    actor: source,
  },
];

/** Its ticket stands for all that its sender says under other ids, and says so. */
export const unstable = (context: AlertContext, event: { alertIds: string[] }): Change => ({
  unstable: true,
  ...note(context, { what: 'unstable', title: context.title, alertIds: event.alertIds, at: instantOf(event) }),
});

const threadOf = ({ alertKey, episode }: AlertContext): string => `alert:${alertKey}:${episode}`;

/** Appends one direct message about this episode. */
export function dm(context: AlertContext, kind: DmRequest['kind'], more: Record<string, unknown> = {}): Change {
  const { alertKey, source, severity, title, details, url, surfaceId, surfaceName, since, ticket, said } = context;
  const request: DmRequest = {
    id: `dm:${alertKey}:${said + 1}`,
    thread: threadOf(context),
    kind,
    source,
    body: { alertKey, severity, title, details, url, surfaceId, surfaceName, since, ticket, ...more },
  };
  return { said: said + 1, dms: [...context.dms, request] };
}

export const dmOver = ({ dms }: AlertContext): Change => ({ dms: dms.slice(1) });

/** Appends one internal note on this episode's ticket, where it has one. */
function note(context: AlertContext, about: NoteAbout): Change {
  if (!context.ticket) return {};
  const id = `note:${context.alertKey}:${context.said + 1}`;
  return {
    said: context.said + 1,
    chores: [...context.chores, { kind: 'note', id, ticketId: context.ticket.id, about }],
  };
}

export function noteResolved(context: AlertContext, { at, reason }: Ending): Change {
  const { alertKey, title } = context;
  return note(context, { what: 'resolved', alertKey, title, at, reason });
}

export function noteSeverity(context: AlertContext, event: object): Change {
  const { alertKey, title, severity } = context;
  return note(context, { what: 'severity', alertKey, title, severity, at: instantOf(event) });
}
