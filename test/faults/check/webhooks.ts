import type { Severity } from '../../../machines/shared/protocol.ts';
import { groupBy } from '../../../src/lib/groupBy.ts';
import type { FinalState, StoredRequests } from '../finalState.ts';
import type { Ledger, WebhookRecord } from '../ledger.ts';
import { type Episode, episodesOf, worstOf } from './episodes.ts';
import { type Violation, violation } from './verdict.ts';

export interface WebhookCounts {
  requests: number;
  stored: number;
  /** It is not known whether the program stored them. */
  unknown: number;
  notUnderstood: number;
  rejectedAlerts: number;
  alerts: number;
  /** Alerts whose episodes are known exactly, because no request about them is doubtful. */
  exact: number;
}

/**
 * Checks that every request of a webhook sender that the program answered with 2xx was stored once, that its alerts took
 * effect in the order in which they were sent, and that exactly the requests that nobody can understand are dead letters.
 */
export function checkWebhooks(
  facts: FinalState,
  { webhooks }: Pick<Ledger, 'webhooks'>,
  sources: readonly string[],
): { violations: Violation[]; counts: WebhookCounts } {
  const bySource = groupBy(webhooks, ({ source }) => source);
  const stored = new Map(facts.webhooks.map((each) => [each.source, each]));
  const audits = facts.audits.filter(({ action }) => action === 'console.webhooks.not_understood');
  const audited = groupBy(audits, ({ payload }) => payload.source);
  const byKey = requestsByKey(webhooks);
  const episodes = new Map(
    [...episodesOf(facts.moves)].filter(([key]) => sources.includes(key.slice(0, key.indexOf(':')))),
  );
  const severities = new Map(facts.alerts.map(({ key, severity }) => [key, severity]));
  return {
    violations: [
      ...sources.flatMap((source) =>
        checkSource(
          bySource.get(source) ?? [],
          stored.get(source) ?? nothing(source),
          audited.get(source)?.length ?? 0,
        ),
      ),
      ...[...byKey].flatMap(([key, requests]) =>
        checkAlert(key, requests, episodes.get(key) ?? [], severities.get(key)),
      ),
      ...[...episodes.keys()]
        .filter((key) => !byKey.has(key))
        .map((key) => violation('unknown_alert', `${key} has an episode, but no sender sent it`)),
    ],
    counts: {
      requests: webhooks.length,
      stored: webhooks.filter(({ outcome }) => outcome === 'stored').length,
      unknown: webhooks.filter(({ outcome }) => outcome === 'unknown').length,
      notUnderstood: facts.webhooks.reduce((sum, each) => sum + each.notUnderstood, 0),
      rejectedAlerts: facts.webhooks.reduce((sum, { rejected }) => sum + rejected, 0),
      alerts: byKey.size,
      exact: [...byKey.values()].filter((requests) => requests.every((each) => !isDoubtful(each, requests))).length,
    },
  };
}

const nothing = (source: string): StoredRequests => ({
  ...{ source, stored: 0, notUnderstood: 0 },
  ...{ otherDead: 0, rejected: 0 },
});

function checkSource(records: WebhookRecord[], found: StoredRequests, audited: number): Violation[] {
  const [sure, doubtful] = (['stored', 'unknown'] as const).map((outcome) =>
    records.filter((record) => record.outcome === outcome),
  ) as [WebhookRecord[], WebhookRecord[]];
  /** Of how many there are at least, and at most. */
  const range = (of: (record: WebhookRecord) => number) => {
    const sum = (some: WebhookRecord[]) => some.reduce((total, record) => total + of(record), 0);
    return { least: sum(sure), most: sum(sure) + sum(doubtful) };
  };
  const all = range(() => 1);
  const malformed = range(({ isMalformed }) => Number(isMalformed));
  const rejected = range(({ malformedAlerts }) => malformedAlerts);
  const is = (n: number, { least, most }: typeof all) => n >= least && n <= most;
  const text = ({ least, most }: typeof all) => (least === most ? `${least}` : `${least} to ${most}`);
  const { source, stored, notUnderstood, otherDead } = found;
  return [
    ...(stored < all.least
      ? [
          violation(
            'lost_request',
            `${all.least} requests of ${source} were answered with 2xx, but ${stored} are stored`,
          ),
        ]
      : []),
    ...(stored > all.most
      ? [violation('surplus_request', `${stored} requests of ${source} are stored, but only ${all.most} were sent`)]
      : []),
    ...(is(notUnderstood, malformed) && otherDead === 0
      ? []
      : [
          violation(
            'wrong_dead_letter',
            `${source}: ${text(malformed)} malformed requests, but ${notUnderstood} not understood and ${otherDead} other dead letters`,
          ),
        ]),
    ...(is(found.rejected, rejected)
      ? []
      : [
          violation('wrong_rejection', `${source}: ${text(rejected)} malformed alerts, but ${found.rejected} rejected`),
        ]),
    ...(audited === notUnderstood
      ? []
      : [
          violation(
            audited < notUnderstood ? 'missing_audit' : 'wrong_audit',
            `${notUnderstood} requests of ${source} were not understood, and ${audited} of them are in the audit log`,
          ),
        ]),
  ];
}

/** What one request says about one alert. */
interface Said {
  status: 'firing' | 'resolved';
  severity: Severity;
  sentAt: number;
  endedAt: number;
  isStored: boolean;
}

/** By alert key, in the order in which the program had them. Requests that were certainly not stored are left out. */
function requestsByKey(records: readonly WebhookRecord[]): Map<string, Said[]> {
  const said = records.flatMap(({ says, sentAt, endedAt, outcome }) =>
    outcome === 'not_stored'
      ? []
      : says.map(({ key, ...what }) => ({ key, ...what, sentAt, endedAt, isStored: outcome === 'stored' })),
  );
  return groupBy(
    said.toSorted((a, b) => a.endedAt - b.endedAt),
    ({ key }) => key,
  );
}

/** Perhaps it was not stored, or it was on its way together with one that says the opposite. */
const isDoubtful = (one: Said, all: readonly Said[]): boolean =>
  !one.isStored ||
  all.some((other) => other.status !== one.status && other.sentAt <= one.endedAt && one.sentAt <= other.endedAt);

/** How often the alert changes between firing and resolved. */
const changesIn = (said: readonly Said[]): number => {
  let isFiring = false;
  let changes = 0;
  for (const { status } of said) {
    if ((status === 'firing') === isFiring) continue;
    isFiring = !isFiring;
    changes += 1;
  }
  return changes;
};

const RANK: Record<Severity, number> = { P1: 3, P2: 2, P3: 1 };

function checkAlert(
  key: string,
  said: readonly Said[],
  episodes: readonly Episode[],
  severity: Severity | undefined,
): Violation[] {
  const stored = said.filter(({ isStored }) => isStored);
  const doubtful = said.filter((each) => isDoubtful(each, said));
  const isActive = episodes.at(-1)?.until === null;
  const changes = episodes.length * 2 - Number(isActive);
  const expected = changesIn(stored);
  // A request that is ignored because a newer one was known may hide two changes, and one that arrives unexpectedly adds two.
  const fewer = 2 * doubtful.filter(({ isStored }) => isStored).length;
  if (changes < expected - fewer)
    return [violation('lost_event', `${key} changed ${changes} times, but its sender told of ${expected} changes`)];
  if (changes > expected + 2 * doubtful.length)
    return [violation('repeated_event', `${key} changed ${changes} times, but its sender told of ${expected} changes`)];
  const last = stored.at(-1);
  if (!last || doubtful.includes(last) || doubtful.some(({ status }) => status !== last.status)) return [];
  if (isActive !== (last.status === 'firing'))
    return [
      violation('lost_event', `${key} is ${isActive ? 'active' : 'over'}, but its sender said ${last.status} last`),
    ];
  const open = episodes.at(-1);
  if (!open || last.status === 'resolved') return [];
  const shown = severity ?? worstOf(open);
  return RANK[shown] < RANK[last.severity]
    ? [violation('lost_event', `${key} is ${shown}, but its sender said ${last.severity} last`)]
    : [];
}
