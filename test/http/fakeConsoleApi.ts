import { createIntake } from '../../src/alerts/intake/intake.ts';
import type { ConsoleApi } from '../../src/http/consoleApi.ts';
import { encodeAttempt, newAttempt } from '../../src/identity/signInAttempt.ts';
import { Problem } from '../../src/lib/problem.ts';
import type { Changed } from '../../src/model/actors.ts';
import type { EmissionInput } from '../../src/model/alerts.ts';
import type { Silence } from '../../src/model/silences.ts';
import type { InvestigateAnswer, StatusGridChange } from '../../src/model/surfaces.ts';
import * as samples from './samples.ts';

/** A console API in memory that records its calls. */
export interface FakeConsoleApi {
  services: ConsoleApi;
  calls: { what: string; with: unknown[] }[];
  /** Notifies all subscribers that these actors changed. */
  announce(actors: string[], flags?: boolean): void;
  /** Notifies all subscribers that these sessions were ended. */
  ended(sessions: Changed['sessions']): void;
  listeners(): number;
  /** The number of subscribers of the grid. */
  watchers(): number;
}

export function fakeConsoleApi(overrides: Partial<ConsoleApi> = {}): FakeConsoleApi {
  const calls: FakeConsoleApi['calls'] = [];
  const listeners = new Set<(changed: Changed) => void>();
  const watchers = new Set<(change: StatusGridChange) => void>();
  const failed = new Map<string, number>();
  const flags = samples.FLAGS.map((flag) => ({ ...flag }));
  const page = <T>(rows: T[], cursor: string | undefined) => ({
    rows,
    next_cursor: cursor === undefined ? 'next' : null,
  });

  const intake = createIntake({
    aggregator: {
      async ingest(source, alerts) {
        calls.push({ what: 'ingest', with: [source, alerts] });
        return { accepted: alerts.length, alerts: alerts.map((given) => taken(source, given)) };
      },
    },
    report: { rejected() {}, taken() {} },
  });

  // A page that another server rendered has an unknown state here.
  let isShown = false;
  const { statusGrid = async () => samples.board(samples.SURFACES.map((surface) => ({ ...surface }))), ...others } =
    overrides;
  const services: ConsoleApi = {
    statusGrid(asOf) {
      isShown = true;
      return statusGrid(asOf);
    },
    signIn: {
      provider: 'id.example.com',
      trouble: async () => null,
      begin: async () => ({
        url: 'https://id.example.com/authorize?state=s',
        attempt: encodeAttempt(newAttempt('/console/status')),
      }),
      async complete() {
        throw new Problem('sign_in_failed', 'No sign-in was started in this browser.');
      },
      end: async () => ({ providerUrl: null }),
      async logout() {
        throw new Problem('bad_request', 'The logout token is not valid (none).');
      },
    },
    session: async (token) =>
      token === samples.SESSION_TOKEN ? { ...samples.HOLDER, remaining_ms: 3_600_000, authenticated_ms: 60_000 } : null,
    async countFailures(added) {
      return added.flatMap(({ network, failures }) => {
        const all = (failed.get(network) ?? 0) + failures;
        failed.set(network, all);
        return all === 0 ? [] : [{ network, failures: all, left_ms: 60_000 }];
      });
    },
    refused() {},
    refusals: async () => samples.REFUSALS,
    sessions: async ({ cursor }) => page(samples.SESSIONS, cursor),
    async revokeSession(id, by) {
      calls.push({ what: 'revokeSession', with: [id, by] });
      return samples.SESSIONS.some((session) => session.id === id);
    },
    statusCounts: async () => (await statusGrid()).counts,
    watchStatusGrid(_since, onChange) {
      watchers.add(onChange);
      if (!isShown) onChange({ ids: [], all: true, as_of: samples.at(0) });
      return () => watchers.delete(onChange);
    },
    async surface(id) {
      const found = samples.SURFACES.find((surface) => surface.id === id);
      return found ? samples.story(found) : null;
    },
    async investigate(surfaceId, by) {
      calls.push({ what: 'investigate', with: [surfaceId, by] });
      return filed(surfaceId);
    },
    async setMaintenance(...given) {
      calls.push({ what: 'setMaintenance', with: given });
    },
    async endMaintenance(...given) {
      calls.push({ what: 'endMaintenance', with: given });
    },
    async alert(alertKey) {
      const found = samples.ALERTS.find(({ alert_key }) => alert_key === alertKey);
      return found ? samples.alertStory(found) : null;
    },
    async alerts(query) {
      calls.push({ what: 'alerts', with: [query] });
      return { ...page(samples.ALERTS, query.cursor), active: samples.ACTIVE };
    },
    async resolveAlert(...given) {
      calls.push({ what: 'resolveAlert', with: given });
    },
    async silences(query) {
      calls.push({ what: 'silences', with: [query] });
      return page(samples.SILENCES, query.cursor);
    },
    async createSilence(...given) {
      calls.push({ what: 'createSilence', with: given });
      return samples.SILENCES[0] as Silence;
    },
    async endSilence(id, by) {
      calls.push({ what: 'endSilence', with: [id, by] });
      const found = samples.SILENCES.find((silence) => silence.id === id);
      if (!found) throw new Problem('unknown_silence', `There is no silence ${id}.`);
      return { ...found, state: 'ended', ended_by: by, ended_at: samples.at(0), alerts: null };
    },
    ingest: (source, alerts, atMost) => intake.accept(source, alerts, { atMost }),
    async storeRequest(request) {
      calls.push({ what: 'storeRequest', with: [request] });
      return '7';
    },
    sourceTokens: async () => [{ source: 'kuma', token: 'token-of-uptime-kuma-0123456789' }],
    sourceKind: async (source) => (source === 'kuma' ? 'uptime-kuma' : null),
    isDeclared: async (source) => source === 'kuma',
    sources: async () => samples.SOURCES,
    shadow: async () => samples.SHADOW,
    async testSource(id, by) {
      calls.push({ what: 'testSource', with: [id, by] });
      return samples.SOURCES.some((source) => source.id === id && source.can_test);
    },
    async weekly(week) {
      calls.push({ what: 'weekly', with: [week] });
      return samples.WEEK;
    },
    async customers(query) {
      calls.push({ what: 'customers', with: [query] });
      return { customers: [samples.CUSTOMER.customer], next_cursor: query.cursor === undefined ? 'next' : null };
    },
    customer: async (id) => (id === samples.CUSTOMER.customer.id ? samples.CUSTOMER : null),
    flags: async () => flags,
    suppressedAlerts: async () => samples.HELD,
    async setFlag(name, enabled, by) {
      calls.push({ what: 'setFlag', with: [name, enabled, by] });
      const flag = flags.find((known) => known.name === name);
      if (!flag) throw new Problem('unknown_flag', `There is no flag ${name}.`);
      if (flag.forced_off && enabled) throw new Problem('forced_off', `${name} is forced off by the environment.`);
      return Object.assign(flag, { enabled, changed_by: by, changed_at: samples.at(0) });
    },
    isFlagOn: async (name) => flags.some((flag) => flag.name === name && flag.enabled),
    async audit(query) {
      calls.push({ what: 'audit', with: [query] });
      return page(samples.AUDIT, query.cursor);
    },
    async actors(query) {
      calls.push({ what: 'actors', with: [query] });
      return page(samples.ACTORS, query.cursor);
    },
    async actor(id) {
      const found = samples.ACTORS.find((actor) => actor.id === id);
      return found ? samples.actorDetail(found) : null;
    },
    reconciliation: async () => samples.RECONCILIATION,
    async deadLetters(query) {
      calls.push({ what: 'deadLetters', with: [query] });
      return { ...page(samples.DEAD_LETTERS, query.cursor), total: samples.DEAD_LETTERS.length };
    },
    deadLetter: async (id) => samples.DEAD_LETTERS.find((letter) => letter.id === id) ?? null,
    async editDeadLetter(id, payload, by) {
      calls.push({ what: 'editDeadLetter', with: [id, payload, by] });
      const found = samples.DEAD_LETTERS.find((letter) => letter.id === id);
      return found ? { ...found, payload, edited: true } : null;
    },
    async replayDeadLetters(filter, count, by) {
      calls.push({ what: 'replayDeadLetters', with: [filter, count, by] });
      if (count !== samples.DEAD_LETTERS.length)
        throw new Problem('count_differs', '1 dead letter matches now, not 7.');
      return { replayed: count, refused: [] };
    },
    async discardDeadLetter(id, reason, by) {
      calls.push({ what: 'discardDeadLetter', with: [id, reason, by] });
      return samples.DEAD_LETTERS.some((letter) => letter.id === id);
    },
    async replayDeadLetter(id, by) {
      calls.push({ what: 'replayDeadLetter', with: [id, by] });
      return samples.DEAD_LETTERS.some((letter) => letter.id === id);
    },
    async freescoutWebhook(rawBody, signature) {
      calls.push({ what: 'freescoutWebhook', with: [rawBody, signature] });
      return signature === 'right';
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    sandboxPages: [],
    banners: async () => [],
    readiness: async () => ({ ready: true, checks: { database: 'ok' } }),
    awaitsMigration: () => false,
    countRequest: () => undefined,
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: 'up 1\n' }),
    ...others,
  };

  return {
    services,
    calls,
    announce(actors, flagsChanged = false) {
      for (const listener of listeners) listener({ actors, flags: flagsChanged, sessions: [] });
      const ids = actors.flatMap((id) => (id.startsWith('surface:') ? [id.slice('surface:'.length)] : []));
      for (const onChange of watchers) onChange({ ids, all: false, as_of: samples.at(0) });
    },
    ended(sessions) {
      for (const listener of listeners) listener({ actors: [], flags: false, sessions });
    },
    watchers: () => watchers.size,
    listeners: () => listeners.size,
  };
}

export function filed(surfaceId: string, idempotent = false): InvestigateAnswer {
  return {
    surface_id: surfaceId,
    status: 'DOWN',
    ticket_id: 412,
    ticket_url: 'https://tickets.example.com/conversation/412',
    idempotent,
    degraded: false,
  };
}

export const unavailable = (surfaceId: string): InvestigateAnswer => ({
  surface_id: surfaceId,
  status: 'DOWN',
  degraded: true,
  reason: 'freescout_unavailable',
  message: 'FreeScout does not answer. No ticket was filed; try again in a minute.',
});

function taken(source: string, { alert_id, status }: EmissionInput) {
  return { alert_key: `${source}:${alert_id.slice(0, 16)}`, state: status };
}
