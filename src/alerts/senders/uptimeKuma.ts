import { NotUnderstood, type Reading, type Sender, type SenderRequest } from './sender.ts';
import { contentType, type Fields, formFields, isFields, jsonObject, multipartFields, parsed } from './shared/body.ts';
import { firstText, numberIn, paragraphs } from './shared/values.ts';

/** Uptime Kuma. It sends JSON, a multipart form or a GET, never retries, and sends nulls for tests and certificates. */
export const uptimeKuma: Sender = {
  name: 'uptime-kuma',
  title: 'Uptime Kuma',
  methods: ['get', 'post'],
  repeats: 'once',
  keepsIds: true,
  retriesOn429: false,
  // Its test button shows anything but 200 as it is.
  accepted: () => ({ status: 200, body: { accepted: true } }),
  read(request) {
    const { monitor, heartbeat, msg } = envelope(request);
    if (!isFields(monitor) || !isFields(heartbeat)) {
      // The test button and notices about certificates name no monitor. A body of the user's own has neither field.
      if (monitor === null && heartbeat === null) return { alerts: [] };
      throw new NotUnderstood(
        'There is no "monitor" with a "heartbeat". The request body must be the preset application/json.',
      );
    }
    return readHeartbeat(monitor, heartbeat, msg);
  },
  sample: (status, title) => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(
      JSON.stringify({
        heartbeat: { monitorID: 0, status: status === 'firing' ? 0 : 1, msg: title, important: true },
        monitor: { id: 0, name: title, type: 'http', tags: [{ name: 'severity', value: 'none' }] },
        msg: title,
      }),
    ),
  }),
  block: ({ url }) => `Settings → Notifications → Setup Notification
  Notification Type    Webhook
  Post URL             ${url}
  Request Body         Preset - application/json
  Additional Headers   { "Authorization": "Bearer YOUR-TOKEN" }
  Default enabled      on
`,
};

function envelope(request: SenderRequest): Fields {
  if (request.method === 'GET') return unpacked(formFields(request.query));
  const type = contentType(request);
  if (type === 'multipart/form-data') return packed(multipartFields(request));
  if (type === 'application/x-www-form-urlencoded') return packed(formFields(request.body.toString()));
  return jsonObject(request);
}

/** A form has the JSON in its field `data`. */
function packed(fields: Record<string, string>): Fields {
  if (fields.data === undefined) return unpacked(fields);
  const value = parsed(fields.data);
  if (!isFields(value)) throw new NotUnderstood('The field "data" is not a JSON object.');
  return value;
}

/** A query has the JSON of each part, and that of the test button nothing but a message. */
function unpacked({ msg, monitor, heartbeat }: Record<string, string>): Fields {
  const missing = msg === undefined ? undefined : null;
  return {
    msg,
    monitor: monitor === undefined ? missing : parsed(monitor),
    heartbeat: heartbeat === undefined ? missing : parsed(heartbeat),
  };
}

const DOWN = 0;
const UP = 1;

function readHeartbeat(monitor: Fields, heartbeat: Fields, msg: unknown): Reading {
  const id = firstText(monitor.id, heartbeat.monitorID);
  if (id === undefined) throw new NotUnderstood('The monitor has no id.');
  const status = numberIn(heartbeat.status);
  // Pending and maintenance are no change.
  if (status !== DOWN && status !== UP) return { alerts: [] };
  const labels = tagsOf(monitor.tags);
  const name = firstText(monitor.pathName, monitor.name) ?? `Monitor ${id}`;
  return {
    alerts: [
      {
        identity: [id],
        status: status === DOWN ? 'firing' : 'resolved',
        severity: labels.severity ?? labels.priority,
        title: `${name} is down`,
        details: paragraphs(firstText(heartbeat.msg, msg), firstText(monitor.description)),
        url: targetOf(monitor),
        at: heartbeat.time,
        labels,
      },
    ],
  };
}

/** Monitors of hosts and ports have the address `https://`, which leads nowhere. */
const targetOf = ({ url }: Fields): string | undefined => {
  const text = firstText(url);
  return text === 'https://' || text === 'http://' ? undefined : text;
};

const tagsOf = (tags: unknown): Record<string, unknown> =>
  Object.fromEntries(
    (Array.isArray(tags) ? tags : []).flatMap((tag) => {
      const name = isFields(tag) ? firstText(tag.name) : undefined;
      return name === undefined ? [] : [[name.toLowerCase(), firstText((tag as Fields).value) ?? 'true'] as const];
    }),
  );
