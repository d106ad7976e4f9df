import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { checkSurfaces } from '../../../src/commands/doctor/surfaces.ts';

async function check(yaml: string) {
  const dir = await mkdtemp(join(tmpdir(), 'auto-ticketing-doctor-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const file = join(dir, 'surfaces.yaml');
  await writeFile(file, yaml);
  return checkSurfaces({ file, allowPrivate: true, pollIntervalSeconds: 30 }, true);
}
const unset = { file: null, allowPrivate: true, pollIntervalSeconds: 30 };

it('a valid surfaces file is ok, with the number of surfaces', async () => {
  const findings = await check('surfaces:\n  - { id: api, name: API, url: https://api.example.com }\n');
  expect(findings).toMatchObject([{ state: 'ok', says: expect.stringContaining('lists 1 surface.') }]);
});

it('each error of the surfaces file is a finding that fails', async () => {
  const findings = await check('surfaces:\n  - { id: API, name: API, url: ftp://x }\n');
  expect(findings.map(({ state }) => state)).toEqual(['FAIL', 'FAIL']);
});

it('a surfaces file that does not exist fails', async () => {
  const findings = await checkSurfaces({ ...unset, file: '/nowhere/s.yaml' }, true);
  expect(findings).toMatchObject([{ state: 'FAIL', says: 'There is no file /nowhere/s.yaml. Correct SURFACES_FILE.' }]);
});

it('an unset SURFACES_FILE is a warning in production only', async () => {
  expect(await checkSurfaces(unset, true)).toMatchObject([{ state: 'WARN' }]);
  expect(await checkSurfaces(unset, false)).toMatchObject([{ state: 'ok' }]);
});
