import type { SenderName } from './webhooks/formats.ts';

/** The sources of a run. */

/** It speaks once: it sends each change, with its time, until it is accepted, and never repeats an active alert. */
export const ONCE = 'once';
/** Sources of `POST /api/alerts`. */
export const API_SOURCES = ['alpha', 'beta', 'gamma', ONCE] as const;

/** Sources of webhooks, with the kind of their sender. */
export const WEBHOOK_SOURCES: Readonly<Record<string, SenderName>> = {
  prom: 'alertmanager',
  graf: 'grafana',
  kuma: 'uptime-kuma',
  checks: 'gatus',
  pager: 'pagerduty',
  genie: 'opsgenie',
  events: 'cloudevents',
  scripts: 'generic',
};

export const ALL_SOURCES: readonly string[] = [...API_SOURCES, ...Object.keys(WEBHOOK_SOURCES)];
/** They send active alerts again and again, and every end until it was accepted. */
export const REPEATING_SOURCES: readonly string[] = ['alpha', 'beta', 'gamma', 'prom', 'graf'];

/** What the surfaces file says about them. */
export const SOURCE_SETTINGS: readonly object[] = [
  { id: ONCE, repeat_interval: 'once' },
  ...Object.entries(WEBHOOK_SOURCES).map(([id, kind]) => ({ id, kind })),
];
