import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dependencies, startDependencies } from '../faults/dependencies.ts';
import { type Fleet, startFleet } from '../faults/fleet.ts';
import type { ProcessPlan } from '../faults/fleetOptions.ts';
import type { Ledger } from '../faults/ledger.ts';
import { FREESCOUT_TIMEOUT_MS, programSettings } from '../faults/programSettings.ts';
import type { Random } from '../faults/random.ts';
import { PARKED, surfacesOf } from '../faults/surfacesFile.ts';
import { freePort } from '../support/freePort.ts';

export const SOURCE = 'cluster';

/** The program as in production, with two web and two worker processes, and its dependencies. */
export interface RunningProgram {
  fleet: Fleet;
  dependencies: Dependencies;
  webs: string[];
  tokens: ReadonlyMap<string, string>;
  adminToken: string;
  stop(): Promise<void>;
}

export async function startProgram(options: {
  databaseUrl: string;
  dir: string;
  ledger: Ledger;
  random(what: string): Random;
  isDatabaseAway(): boolean;
}): Promise<RunningProgram> {
  const { databaseUrl, dir, ledger, random, isDatabaseAway } = options;
  const dependencies = await startDependencies({
    ledger,
    random,
    freescoutTimeoutMs: FREESCOUT_TIMEOUT_MS,
    surfaceIds: ['service-1', PARKED],
    blindLookUp: false,
  });
  const surfacesFile = join(dir, 'surfaces.json');
  await writeFile(surfacesFile, JSON.stringify(surfacesOf(dependencies, [])));
  const draw = random('secrets');
  const tokens = new Map([[SOURCE, `cluster-${draw.hex(24)}`]]);
  const adminToken = `admin-${draw.hex(24)}`;
  const env = {
    ...programSettings({ dependencies, surfacesFile, tokens, adminToken, secret: draw.hex(40) }),
    DATABASE_URL: databaseUrl,
  };
  const processes: ProcessPlan[] = [];
  for (const name of ['web-1', 'web-2']) {
    const port = await freePort();
    processes.push({ name, args: ['web'], env: { ...env, PORT: String(port) }, url: `http://127.0.0.1:${port}` });
  }
  for (const name of ['worker-1', 'worker-2']) processes.push({ name, args: ['worker'], env, url: null });
  const logs = join(dir, 'logs');
  await mkdir(logs);
  const fleet = startFleet({ processes, dir: logs, preloads: [], restartMs: () => 1_000, isDatabaseAway });
  return {
    fleet,
    dependencies,
    webs: fleet.processes.flatMap(({ url }) => url ?? []),
    tokens,
    adminToken,
    async stop() {
      await fleet.stop();
      await dependencies.stop();
    },
  };
}
