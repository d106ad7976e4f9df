import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { installNode } from '../support/installNode.ts';

/**
 * Runs a part of the tests on the other supported version of Node.js: on 24 if the others ran on 20, and on 20
 * otherwise. `npm run nodes`.
 */

/** What depends most on Node.js: processes, connections, names, TLS, signatures, streams, loading of modules. */
const FILES = [
  'test/actors/deliver.test.ts',
  'test/actors/jobs.test.ts',
  'test/actors/restart.test.ts',
  'test/actors/xstate.test.ts',
  'test/app/wiring.test.ts',
  'test/config',
  'test/e2e/processes.test.ts',
  'test/http/events.test.ts',
  'test/http/headers.test.ts',
  'test/http/server.test.ts',
  'test/identity',
  'test/lib',
  'test/log/log.test.ts',
  'test/net/outgoing.test.ts',
  'test/notify',
  'test/sandbox/openid',
  'test/sandbox/postgres/embedded.test.ts',
  'test/surfaces/probe.test.ts',
  'test/surfaces/probeRequest.test.ts',
  'test/tickets/freescout',
];

const major = process.versions.node.startsWith('24.') ? '20' : '24';
const folder = mkdtempSync(join(tmpdir(), 'auto-ticketing-node-'));
try {
  const bin = installNode(folder, major);
  console.log(`Tests on Node.js ${major}:`);
  const vitest = join(packageRoot, 'node_modules/vitest/vitest.mjs');
  const { status } = spawnSync(join(bin, 'node'), [vitest, 'run', ...FILES], {
    cwd: packageRoot,
    env: { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) },
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
