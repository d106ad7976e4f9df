/** One example for each named schema of a request, and for the answers that scripts read. A test checks them. */
export const EXAMPLES: Record<string, unknown> = {
  Emissions: {
    source: 'alertmanager',
    alerts: [
      {
        alert_id: '4f1b0c9e7a3d5826b1c0',
        severity: 'P2',
        status: 'firing',
        title: 'Disk almost full on db-1',
        details: '93 % of /var is used.',
        surface_id: 'api-prod',
        labels: { host: 'db-1' },
      },
    ],
  },
  Accepted: {
    accepted: 1,
    alerts: [{ alert_key: 'alertmanager:4f1b0c9e7a3d5826', state: 'firing' }],
  },
  StoredEvent: { status: 'success', message: 'Event processed', dedup_key: 'disk-full-db-1' },
  StoredAlert: { result: 'Request will be processed', took: 0, requestId: '1042' },
  FlagChange: { enabled: true },
  MaintenanceWindow: { until: '2099-05-05T16:00:00.000Z', reason: 'New disks' },
  NewSilence: {
    matchers: { source: 'alertmanager', labels: { host: 'db-*' } },
    until: '2099-05-05T16:00:00.000Z',
    reason: 'Moving the databases',
  },
  Silence: {
    id: '12',
    matchers: { source: 'alertmanager', labels: { host: 'db-*' } },
    reason: 'Moving the databases',
    state: 'active',
    until: '2099-05-05T16:00:00.000Z',
    created_at: '2026-05-05T14:32:17.605Z',
    created_by: 'ada@example.com',
    ended_at: null,
    ended_by: null,
    alerts: 3,
  },
  ResolveReason: { reason: 'The sender was shut down.' },
  DeadLettersReplay: { kind: 'message', reason: 'invalid_auth', count: 12 },
  DeadLetterChange: { payload: { kind: 'opened', thread: 'alertmanager:4f1b0c9e7a3d5826' } },
  DiscardReason: { reason: 'The alert resolved long ago.' },
  Investigation: {
    surface_id: 'api-prod',
    status: 'DOWN',
    ticket_id: 412,
    ticket_url: 'https://tickets.example.com/conversation/412',
    idempotent: false,
    degraded: false,
  },
  Maintenance: {
    surface_id: 'api-prod',
    maintenance: { until: '2099-05-05T16:00:00.000Z', reason: 'New disks', by: 'ada@example.com' },
  },
  Flag: {
    name: 'FLAG_CONSOLE_ALERTS_AUTO_TICKET',
    enabled: true,
    forced_off: false,
    changed_at: '2026-05-05T14:32:17.000Z',
    changed_by: 'ada@example.com',
  },
  Audit: {
    rows: [
      {
        id: '1042',
        created_at: '2026-05-05T14:32:17.605Z',
        action: 'console.alerts.ticket_filed',
        payload: {
          alert_key: 'alertmanager:4f1b0c9e7a3d5826',
          severity: 'P2',
          ticket_id: 412,
          ticket_url: 'https://tickets.example.com/conversation/412',
        },
        actor: 'alert_aggregator',
      },
    ],
    next_cursor: null,
  },
  Alive: { status: 'ok', version: '0.1.0' },
  Readiness: { ready: false, checks: { database: 'ok', poller: 'no cycle completed yet' } },
  Problem: {
    error: {
      code: 'invalid_field',
      message: 'until: Missing. reason: Expected text that is not empty.',
      field: 'until',
      faults: [
        { field: 'until', message: 'Missing' },
        { field: 'reason', message: 'Expected text that is not empty' },
      ],
    },
  },
};
