import type { ActorDetail, ActorSummary, HistoryEntry } from '../../src/model/actors.ts';
import type { AlertRow, AlertStory, SuppressedAlerts } from '../../src/model/alerts.ts';
import type { DeadLetter } from '../../src/model/deadLetters.ts';
import type { AuditRow, Banner, FlagState } from '../../src/model/operations.ts';
import type { RefusalSummary, SessionRow } from '../../src/model/people.ts';
import type { ShadowList, SourceRow } from '../../src/model/senders.ts';
import type { Silence } from '../../src/model/silences.ts';
import type { StatusGrid, SurfaceStory, Tile } from '../../src/model/surfaces.ts';
import type { CustomerView, TicketState } from '../../src/model/tickets.ts';
import type { WeekReport } from '../../src/model/weekly.ts';

/** Sample data of the console API; `at(5)` is five minutes ago. */
export const at = (minutesAgo: number): string => new Date(Date.now() - minutesAgo * 60_000).toISOString();

export const ticket = (id: number, minutesAgo = 12, change: Partial<TicketState> = {}): TicketState => ({
  id,
  url: `https://tickets.example.com/conversation/${id}`,
  filed_at: at(minutesAgo),
  status: 'active',
  assignee: null,
  last_reply_at: null,
  looked_at: at(0.3),
  shared_with: null,
  ...change,
});

export const banner = (text: string, change: Partial<Banner> = {}): Banner => ({
  text,
  advice: 'Repair it.',
  link: null,
  sections: null,
  ...change,
});

export function tile(id: string, change: Partial<Tile> = {}): Tile {
  return {
    id,
    name: id,
    group: 'Production',
    status: 'OPERATIONAL',
    since: at(3_000),
    was: null,
    ticket: null,
    no_ticket_reason: null,
    earlier_tickets: [],
    recovered_ticket_open: false,
    recovered_ticket: null,
    maintenance: null,
    last_check: { at: at(0.3), latency_ms: 84, error: null },
    recent: [81, 79, 84, 120, 82, 80, 84],
    days: { letters: `${'-'.repeat(60)}${'o'.repeat(30)}`, uptime: 100, known: 30 },
    ...change,
  };
}

export function board(surfaces: Tile[]): StatusGrid {
  const counts = { OPERATIONAL: 0, DEGRADED: 0, DOWN: 0, MAINTENANCE: 0, UNKNOWN: 0 };
  for (const { status } of surfaces) counts[status] += 1;
  return {
    surfaces,
    counts,
    recovered_with_open_ticket: new Set(
      surfaces.flatMap((each) => (each.recovered_ticket_open ? each.earlier_tickets.map(({ id }) => id) : [])),
    ).size,
    generated_at: at(0),
  };
}

export const SURFACES: Tile[] = [
  tile('api-prod', {
    name: 'API (production)',
    status: 'DOWN',
    since: at(14),
    last_check: { at: at(0.2), latency_ms: 5_000, error: 'No answer within 5000 ms' },
    ticket: ticket(412, 11, { assignee: 'Sam Support', last_reply_at: at(4) }),
    earlier_tickets: [ticket(405, 9_050)],
    recent: [88, 91, 87, 2_300, null, null, null],
    days: { letters: `${'-'.repeat(60)}${'o'.repeat(20)}mmsoooodod`, uptime: 99.31, known: 30 },
  }),
  tile('web-prod', {
    name: 'Website',
    status: 'DEGRADED',
    since: at(47),
    last_check: { at: at(0.4), latency_ms: 2_913, error: 'Slower than 2000 ms' },
    no_ticket_reason: 'below_threshold',
  }),
  tile('login', {
    name: 'Sign-in',
    since: at(26),
    recovered_ticket_open: true,
    recovered_ticket: ticket(407, 95),
    earlier_tickets: [ticket(407, 95)],
  }),
  tile('billing', { name: 'Billing' }),
  tile('search', { name: 'Search', last_check: { at: at(0.1), latency_ms: 212, error: null } }),
  tile('api-staging', {
    name: 'API (staging)',
    group: 'Staging',
    status: 'MAINTENANCE',
    since: at(35),
    maintenance: { until: at(-45), reason: 'Moving to new disks', by: 'token ops' },
  }),
  tile('web-staging', { name: 'Website (staging)', group: 'Staging' }),
  tile('mail', {
    name: 'Mail relay',
    group: null,
    status: 'UNKNOWN',
    since: null,
    last_check: null,
    recent: [],
    days: { letters: '-'.repeat(90), uptime: null, known: 0 },
  }),
];

export function alert(key: string, change: Partial<AlertRow> = {}): AlertRow {
  return {
    alert_key: key,
    source: key.split(':')[0] ?? '',
    state: 'firing',
    severity: 'P1',
    title: 'API (production) is down',
    surface_id: 'api-prod',
    url: null,
    since: at(14),
    last_seen_at: at(0.3),
    silent_since: null,
    silenced: null,
    collision: false,
    episode: 1,
    ticket: ticket(413),
    no_ticket_reason: null,
    ...change,
  };
}

export const ALERTS: AlertRow[] = [
  alert('status_poller:a3f9b8126c01de77'),
  alert('status_poller:11c02b9f4e5a8d30', {
    severity: 'P3',
    title: 'Website is slow',
    surface_id: 'web-prod',
    ticket: null,
    no_ticket_reason: 'below_threshold',
  }),
  alert('prometheus:77aa01c2b3d4e5f6', {
    severity: 'P2',
    state: 'flapping',
    title: 'Disk on db-3 is almost full',
    surface_id: null,
    url: 'https://prometheus.example.com/graph?g0.expr=disk',
    silent_since: at(42),
    silenced: { id: '12', until: at(-120), reason: 'Moving the region', by: 'ada@example.com' },
    collision: true,
    episode: 6,
    ticket: null,
    no_ticket_reason: 'freescout_unavailable',
  }),
  alert('prometheus:0099ffee11223344', {
    state: 'resolved',
    severity: 'P2',
    title: 'Queue of outgoing mail is growing',
    surface_id: null,
    since: at(320),
    ticket: ticket(398, 318, { status: 'gone' }),
  }),
];

export const SILENCES: Silence[] = [
  {
    id: '12',
    matchers: { source: 'prometheus', labels: { region: 'eu-*' } },
    reason: 'Moving the region',
    state: 'active',
    until: at(-120),
    created_at: at(30),
    created_by: 'ada@example.com',
    ended_at: null,
    ended_by: null,
    alerts: 2,
  },
  {
    id: '9',
    matchers: { surface_id: 'api-prod' },
    reason: 'New disks',
    state: 'ended',
    until: at(60),
    created_at: at(600),
    created_by: 'ada@example.com',
    ended_at: at(200),
    ended_by: 'token ops',
    alerts: null,
  },
];

export const ACTIVE = { P1: 1, P2: 1, P3: 1 };

export const alertStory = (row: AlertRow): AlertStory => ({
  ...row,
  surface_name: row.surface_id === null ? null : 'API (production)',
  details: 'No answer within 5000 ms\nThree checks in a row failed.',
  labels: { severity: 'critical', region: 'eu-1' },
  periods: [
    { began_at: at(14), ended_at: null, tickets: [ticket(413)] },
    { began_at: at(4_000), ended_at: at(3_900), tickets: [] },
    { began_at: null, ended_at: at(9_000), tickets: [ticket(371, 9_050, { status: 'closed' })] },
  ],
  messages: [
    { kind: 'ticket', recipient: 'C024BE91L', created_at: at(13), sent_at: null },
    { kind: 'opened', recipient: null, created_at: at(14), sent_at: at(14) },
  ],
  escalates_at: at(-2),
  history: HISTORY,
});

export const HELD: SuppressedAlerts = {
  active: 1,
  ended: 1,
  rows: [
    {
      alert_key: 'prometheus:1f2e3d4c5b6a7980',
      source: 'prometheus',
      episode: 1,
      severity: 'P1',
      title: 'Checkout fails',
      surface_id: 'api-prod',
      since: at(14),
      reason: 'dependency',
      state: 'active',
      held_at: at(14),
      ended_at: null,
    },
    {
      alert_key: 'prometheus:8877665544332211',
      source: 'prometheus',
      episode: 2,
      severity: 'P2',
      title: 'Backup is late',
      surface_id: null,
      since: at(120),
      reason: 'flag_off',
      state: 'ended',
      held_at: at(119),
      ended_at: at(60),
    },
  ],
};

const HISTORY: HistoryEntry[] = [
  {
    at: at(11),
    event: 'TICKETED',
    event_id: 'e3',
    from: { health: 'down', investigation: 'filing' },
    to: { health: 'down', investigation: 'ticketed' },
    summary: 'Ticket #412 was filed.',
  },
  {
    at: at(12),
    event: 'INVESTIGATE',
    event_id: 'e2',
    from: { health: 'down', investigation: 'idle' },
    to: { health: 'down', investigation: 'filing' },
    summary: 'local developer clicked Investigate. A ticket is being filed.',
  },
  {
    at: at(14),
    event: 'CHECKED',
    event_id: 'e1',
    from: { health: 'suspect', investigation: 'idle' },
    to: { health: 'down', investigation: 'idle' },
    summary: 'It is DOWN: No answer within 5000 ms.',
  },
];

export function story(surface: Tile): SurfaceStory {
  return {
    ...surface,
    url: `https://${surface.id}.example.com/healthz`,
    certificate_expires_at: at(-60 * 24 * 40),
    tickets: [
      {
        ...ticket(412, 11, { assignee: 'Sam Support', last_reply_at: at(4) }),
        path: 'investigate',
        joined_at: null,
        subject: `[AT-7K2M9QX4TB] DOWN: ${surface.name}`,
      },
      {
        ...ticket(371, 4_000, { status: 'closed' }),
        path: 'alert',
        joined_at: null,
        subject: `[AT-1B2C3D4E5F] P1: ${surface.name}`,
      },
    ],
    alerts: ALERTS.slice(0, 1),
    outages: [
      { began_at: at(14), ended_at: null, worst: 'DOWN', tickets: [412] },
      { began_at: at(4_010), ended_at: at(3_990), worst: 'DEGRADED', tickets: [371] },
    ],
    day_counts: [
      { day: at(0).slice(0, 10), operational: 2_800, degraded: 0, down: 56, maintenance: 0 },
      { day: at(1_440).slice(0, 10), operational: 2_880, degraded: 0, down: 0, maintenance: 0 },
    ],
    checks: [
      { at: at(0.2), outcome: 'down', latency_ms: 5_000, http_status: null, error: 'No answer within 5000 ms' },
      { at: at(0.7), outcome: 'slow', latency_ms: 2_913, http_status: 200, error: 'Slower than 2000 ms' },
      { at: at(1.2), outcome: 'up', latency_ms: 81, http_status: 200, error: null },
    ],
    latency: {
      from: at(60),
      to: at(0),
      bucket_seconds: 60,
      points: Array.from({ length: 60 }, (_, n) => ({
        at: at(60 - n),
        median_ms: n === 50 ? null : 80 + (n % 7),
        max_ms: n === 50 ? null : 120 + 40 * (n % 5),
        checks: 2,
        unanswered: n === 50 ? 2 : 0,
      })),
    },
    history: HISTORY,
  };
}

export const AUDIT: AuditRow[] = [
  {
    id: '51',
    created_at: at(11),
    action: 'console.status.ticket_filed',
    payload: {
      surface_id: 'api-prod',
      status: 'DOWN',
      ticket_id: 412,
      ticket_url: 'https://tickets.example.com/conversation/412',
      idempotent: false,
    },
    actor: 'local developer',
  },
  {
    id: '50',
    created_at: at(46),
    action: 'console.alerts.ticket_skipped',
    payload: { alert_key: 'status_poller:11c02b9f4e5a8d30', severity: 'P3', reason: 'below_threshold' },
    actor: 'alert',
  },
  {
    id: '49',
    created_at: at(200),
    action: 'console.flags.changed',
    payload: { flag: 'FLAG_CONSOLE_ALERTS_AUTO_TICKET', enabled: true, by: 'token ops' },
    actor: 'token ops',
  },
];

export const ACTORS: ActorSummary[] = [
  {
    id: 'surface:api-prod',
    kind: 'surface',
    version: 1,
    rev: 48,
    state: { health: 'down', investigation: 'ticketed' },
    parked: null,
    updated_at: at(11),
  },
  {
    id: 'alert:status_poller:a3f9b8126c01de77',
    kind: 'alert',
    version: 1,
    rev: 7,
    state: { life: 'firing', ticket: 'ticketed', dm: 'sent' },
    parked: null,
    updated_at: at(13),
  },
  {
    id: 'alert:prometheus:0099ffee11223344',
    kind: 'alert',
    version: 0,
    rev: 3,
    state: { life: 'resolved' },
    parked: 'No migration from version 0',
    updated_at: at(318),
  },
];

/** A statechart with the shapes and classes of the real ones. */
const CHART =
  '<svg xmlns="http://www.w3.org/2000/svg" class="statechart" role="img" aria-label="Statechart of surface, now in down" width="290" height="60" viewBox="0 0 290 60">' +
  '<g class="state atomic" data-state="suspect"><rect x="4" y="10" width="110" height="40" rx="7"/><text class="name" x="59" y="34" text-anchor="middle">suspect</text></g>' +
  '<g class="state atomic current" data-state="down"><rect x="174" y="10" width="110" height="40" rx="7"/><text class="name" x="229" y="34" text-anchor="middle">down</text></g>' +
  '<g class="edge transition" data-from="suspect"><path d="M114,30C130,30 150,30 166,30"/><polygon points="166,26 174,30 166,34"/></g></svg>';

export function actorDetail(summary: ActorSummary): ActorDetail {
  return {
    ...summary,
    machine: summary.kind,
    context: { id: summary.id, streak: { outcome: 'down', count: 28 }, ticket: 412 },
    next_events: ['CHECKED', 'INVESTIGATE', 'MAINTAIN', 'REMOVED'],
    timers: [{ id: 'surface.health.down.recheck', event: 'RECHECK', due_at: at(-2) }],
    effects: [
      { id: 'f1', src: 'fileTicket', status: 'done', attempts: 1, created_at: at(12), error: null },
      {
        id: 'f2',
        src: 'keepTicket',
        status: 'failed',
        attempts: 3,
        created_at: at(11),
        error: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:8080' },
      },
    ],
    history: HISTORY,
    chart_svg: CHART,
  };
}

export const DEAD_LETTERS: DeadLetter[] = [
  {
    id: 'd1',
    actor_id: 'alert:prometheus:77aa01c2b3d4e5f6',
    title: 'Queue is growing',
    src: 'sendDm',
    kind: 'message',
    reason: 'channel_not_found',
    input: { thread: 'alert:prometheus:77aa01c2b3d4e5f6', kind: 'opened' },
    payload: { thread: 'alert:prometheus:77aa01c2b3d4e5f6', kind: 'opened' },
    edited: false,
    history: [
      { at: at(64), what: 'failed', attempt: 25, error: { code: 'channel_not_found', message: 'no such channel' } },
      { at: at(63), what: 'edited', by: 'token ops' },
    ],
    attempts: 25,
    error: { code: 'channel_not_found', message: 'An API error occurred: channel_not_found' },
    finished_at: at(63),
  },
];

export const CUSTOMER: CustomerView = {
  customer: { id: 'c-1001', name: 'Ada Byron', email: 'ada@example.org' },
  open: [
    {
      id: 405,
      url: 'https://tickets.example.com/conversation/405',
      subject: 'Cannot download my invoice',
      status: 'active',
      created_at: at(1_500),
      updated_at: at(75),
    },
  ],
  recent: [
    {
      id: 322,
      url: 'https://tickets.example.com/conversation/322',
      subject: 'Change of address',
      status: 'closed',
      created_at: at(30_000),
      updated_at: at(22_000),
    },
  ],
  degraded: false,
};

export const FLAGS: FlagState[] = [
  {
    name: 'FLAG_CONSOLE_ALERTS_AUTO_TICKET',
    enabled: false,
    forced_off: true,
    changed_at: at(200),
    changed_by: 'token ops',
  },
  {
    name: 'FLAG_CONSOLE_INVESTIGATE_FROM_STATUS',
    enabled: true,
    forced_off: false,
    changed_at: null,
    changed_by: null,
  },
];

export const RECONCILIATION = {
  last_run: { at: '2026-05-05T14:32:00.000Z', took_ms: 120, desk: 'looked', did: { twin_found: 1 } },
  standing: [
    {
      kind: 'twin',
      details: { ticket_id: 412, twin_id: 413, marker: 'AT-9F3C2A71QZ' },
      found_at: '2026-05-05T14:32:00.000Z',
    },
  ],
  recent: [{ at: '2026-05-05T14:32:00.000Z', what: 'twin_found', details: { ticket_id: 412, twin_id: 413 } }],
};
export const SESSION_TOKEN = 'the-token-of-a-session-in-a-browser';
export const HOLDER = { id: '0123456789abcdef', name: 'ada@example.com', role: 'admin' } as const;

export const SESSIONS: SessionRow[] = [
  {
    ...HOLDER,
    subject: '248289761001',
    address: '203.0.113.7',
    user_agent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
    signed_in_at: at(65),
    last_used_at: at(0),
    expires_at: at(-600),
  },
  {
    id: 'fedcba9876543210',
    name: 'olga@example.com',
    subject: '248289761002',
    role: 'operator',
    address: '2001:db8::7',
    user_agent: null,
    signed_in_at: at(300),
    last_used_at: at(90),
    expires_at: at(-300),
  },
];

const SOURCE: SourceRow = {
  id: 'prometheus',
  sender: 'alertmanager',
  sender_title: 'Prometheus Alertmanager',
  declared: true,
  shadow: false,
  last_request_at: at(1),
  last_alert_at: at(1),
  requests_last_hour: 12,
  alerts_last_hour: 30,
  refused_last_hour: 0,
  seen_last_hour: 9,
  refused_requests: [],
  not_understood: 0,
  left_out_last_day: 0,
  waiting: 0,
  lag_seconds: 0,
  url: 'http://127.0.0.1:3000/api/webhooks/alertmanager/prometheus',
  block: 'receivers:\n  - name: auto-ticketing\n',
  can_test: true,
};
export const SHADOW: ShadowList = {
  sources: ['scripts'],
  surfaces: ['api-prod'],
  tickets_total: 2,
  tickets: [
    {
      source: 'scripts',
      surface_id: 'api-prod',
      alert_key: 'scripts:disk-full-db-001',
      severity: 'P1',
      subject: '[AT-ABCDEFGHJK] P1: Disk full (api-prod)',
      text: 'P1: Disk full\n\nSource scripts',
      on_umbrella: true,
      composed_at: at(1),
    },
  ],
  messages_total: 1,
  messages: [
    { source: 'scripts', surface_id: 'api-prod', kind: 'opened', headline: 'P1: Disk full', composed_at: at(1) },
  ],
};

const noAlerts = { alerts: 0, P1: 0, P2: 0, P3: 0 };
const nothingMeasured = { count: 0, median_seconds: null, p90_seconds: null };
const noTickets = { filed: 0, alert: 0, umbrella: 0, investigate: 0, still_open: 0, incomplete: false };

export const EMPTY_WEEK: WeekReport = {
  week: '2026-W01',
  from: '2025-12-29T00:00:00.000Z',
  to: '2026-01-05T00:00:00.000Z',
  previous: '2025-W52',
  next: '2026-W02',
  alerts: { ...noAlerts, week_before: 0 },
  tickets: noTickets,
  time_to_ticket: nothingMeasured,
  time_to_close: nothingMeasured,
  held_back: [],
  sources: [],
  surfaces: [],
  fix_first: [],
};

export const WEEK: WeekReport = {
  ...EMPTY_WEEK,
  week: '2026-W19',
  from: '2026-05-04T00:00:00.000Z',
  to: '2026-05-11T00:00:00.000Z',
  previous: '2026-W18',
  next: null,
  alerts: { alerts: 41, P1: 9, P2: 12, P3: 20, week_before: 29 },
  tickets: { ...noTickets, filed: 12, alert: 9, umbrella: 1, investigate: 2, still_open: 3 },
  time_to_ticket: { count: 9, median_seconds: 2.1, p90_seconds: 340 },
  time_to_close: { count: 7, median_seconds: 5_400, p90_seconds: 90_000 },
  held_back: [
    { reason: 'flag_off', active: 1, ended: 4 },
    { reason: 'maintenance', active: 0, ended: 2 },
  ],
  sources: [{ source: 'status_poller', alerts: 41, P1: 9, P2: 12, P3: 20, tickets: 9 }],
  surfaces: [
    { surface_id: 'api-prod', name: 'API (production)', alerts: 14, P1: 9, P2: 5, P3: 0, tickets: 8 },
    { surface_id: 'gone', name: null, alerts: 2, P1: 0, P2: 2, P3: 0, tickets: 1 },
  ],
  fix_first: [
    {
      what: 'Turn FLAG_CONSOLE_ALERTS_AUTO_TICKET on',
      why: '5 alerts got no ticket because the flag was off.',
      href: '/console/flags',
    },
  ],
};

export const SOURCES: SourceRow[] = [
  SOURCE,
  {
    ...SOURCE,
    id: 'kuma',
    sender: 'uptime-kuma',
    sender_title: 'Uptime Kuma',
    declared: false,
    waiting: 3,
    lag_seconds: 40,
    not_understood: 1,
    left_out_last_day: 2,
    refused_requests: [
      { reason: 'over_quota', times: 12, last_at: at(3) },
      { reason: 'invalid_token', times: 1, last_at: at(50) },
    ],
  },
  {
    ...SOURCE,
    id: 'scripts',
    shadow: true,
    sender: null,
    sender_title: null,
    url: null,
    block: null,
    can_test: false,
    last_request_at: null,
    requests_last_hour: 0,
    alerts_last_hour: 0,
  },
];

export const REFUSALS: RefusalSummary = {
  kinds: [
    { kind: 'invalid_token', this_hour: 3, last_24_hours: 40, last_30_days: 41, last_seen_at: at(2) },
    { kind: 'sign_in_refused', this_hour: 0, last_24_hours: 0, last_30_days: 1, last_seen_at: at(30_000) },
  ],
  hours: [
    { at: '2026-05-05T14:00:00.000Z', times: 3, kinds: { invalid_token: 3 } },
    { at: '2026-05-05T09:00:00.000Z', times: 37, kinds: { invalid_token: 37 } },
  ],
  days: [
    { at: '2026-05-05T00:00:00.000Z', times: 40, kinds: { invalid_token: 40 } },
    { at: '2026-04-14T00:00:00.000Z', times: 2, kinds: { sign_in_refused: 1, invalid_token: 1 } },
  ],
  networks: [
    { kind: 'invalid_token', network: '203.0.113.7', times: 38, first_seen_at: at(300), last_seen_at: at(2) },
    { kind: 'invalid_token', network: '2001:db8::/64', times: 3, first_seen_at: at(300), last_seen_at: at(290) },
  ],
};
