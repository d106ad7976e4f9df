import { accepted, type Sender } from './sender.ts';
import { readGroup, sampleGroup } from './shared/prometheus.ts';

/** Prometheus Alertmanager, webhook version 4. It retries on 5xx until its next flush, and gives up on 4xx, 429 included. */
export const alertmanager: Sender = {
  name: 'alertmanager',
  title: 'Prometheus Alertmanager',
  methods: ['post'],
  repeats: 'interval',
  keepsIds: true,
  retriesOn429: false,
  accepted,
  read: (request) => readGroup(request, () => ({ namespace: [], links: () => ({}) })),
  sample: (status, title) => sampleGroup(status, title),
  block: ({ url }) => `receivers:
  - name: auto-ticketing
    webhook_configs:
      - url: ${url}
        send_resolved: true
        max_alerts: 0
        http_config:
          authorization:
            type: Bearer
            credentials: YOUR-TOKEN
`,
};
