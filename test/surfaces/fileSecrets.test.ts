// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the file refers to variables in this form
import { expect, it } from 'vitest';
import { SECRET_SETTINGS } from '../../src/config/secretFiles.ts';
import { createProbe } from '../../src/surfaces/probe.ts';
import { parseSurfaces, parseSurfacesFile, SurfacesFileError } from '../../src/surfaces/surfacesFile.ts';

const file = (fields: object, more: object = {}) =>
  JSON.stringify({ surfaces: [{ id: 'a', name: 'A', url: 'http://127.0.0.1:9/', ...fields }], ...more });

/** The errors of a file; none where it is valid. */
function faults(text: string): readonly string[] {
  try {
    parseSurfacesFile(text, 'surfaces.yaml');
    return [];
  } catch (error) {
    if (error instanceof SurfacesFileError) return error.errors;
    throw error;
  }
}

it.each(SECRET_SETTINGS)('a check does not send %s, a secret of this program, to an address of the file', (name) => {
  expect(faults(file({ headers: { 'X-Api-Key': `key \${${name}}` } }))).toEqual([
    `surfaces.yaml, line 1: surfaces.0.headers.X-Api-Key refers to ${name}, a secret of this program; write another variable.`,
  ]);
});

it('a secret of this program is refused in every field that may refer to variables', () => {
  const basic_auth = { username: '${SLACK_BOT_TOKEN}', password: '${SESSION_SECRET}' };
  const target = { url: 'http://127.0.0.1:9/', proxy: '${FREESCOUT_API_KEY}' };
  const text = file({ body: '{"p":"${PGPASSWORD}"}', basic_auth, proxy: '${DATABASE_URL}' }, { self_check: [target] });
  expect(faults(text).map((fault) => /surfaces\.0\.\S+|self_check\.0\.\S+/.exec(fault)?.[0])).toEqual([
    'surfaces.0.body',
    'surfaces.0.basic_auth.username',
    'surfaces.0.basic_auth.password',
    'surfaces.0.proxy',
    'self_check.0.proxy',
  ]);
});

it('a reference to a variable is refused in fields in which it would be sent as it stands', () => {
  const url = 'https://api.example.com/?key=${API_KEY}';
  const text = file({ url, ca_file: '${CA_FILE}' }, { self_check: [{ url, ca_file: '/etc/${CA}.pem' }] });
  expect(faults(text)).toEqual([
    'surfaces.yaml, line 1: surfaces.0.url refers to API_KEY, which is not filled in here; write it in headers, or write its value.',
    'surfaces.yaml, line 1: surfaces.0.ca_file refers to CA_FILE, which is not filled in here; write its value.',
    'surfaces.yaml, line 1: self_check.0.url refers to API_KEY, which is not filled in here; write its value.',
    'surfaces.yaml, line 1: self_check.0.ca_file refers to CA, which is not filled in here; write its value.',
  ]);
});

it('the proxy of this program may be that of a check, and nothing else may refer to it', () => {
  expect(faults(file({ proxy: '${OUTGOING_PROXY}' }))).toEqual([]);
  expect(faults(file({ body: '${OUTGOING_PROXY}' }))).toHaveLength(1);
});

it('a surface that was stored with such a reference is not asked', async () => {
  const [surface] = parseSurfaces(file({ headers: { 'X-Api-Key': '${API_KEY}' } }), 'test');
  if (!surface) throw new Error('no surface');
  const stored = { ...surface, request: { ...surface.request, headers: { 'X-Api-Key': '${DATABASE_URL}' } } };
  const env = { DATABASE_URL: 'postgres://console:hunter2@db.example/console' };
  const check = createProbe({ allowPrivate: true, log: { debug: () => undefined }, env });
  expect(await check(stored)).toMatchObject({
    outcome: 'down',
    error: 'VARIABLE_REFUSED: DATABASE_URL is a secret of this program',
  });
});
