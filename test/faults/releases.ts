import { createRegistry, type Registry } from '../../src/actors/registry.ts';
import { machines } from '../../src/app/machineRegistry.ts';

/**
 * Later releases of the program, which exist in fault runs only. Release 0 is the present one. In each later one, alerts
 * ask for their messages by an effect with a name of its own (`preload/nextRelease.js`), so the version of their machine
 * is higher by one.
 */

const KIND = 'alert';

/** The setting of a database session that says which version of alerts its process knows. */
export const KNOWN_VERSION = 'faults.alert_version';

/** The machines of this release, with the versions that its processes know. */
export const registryOf = (release: number): Registry =>
  createRegistry(
    machines.map((entry) => (entry.kind === KIND ? { ...entry, version: entry.version + release } : entry)),
  );

export const alertVersion = (release: number): number => registryOf(release).of(KIND).version;

/** What makes a process one of this release. */
export const preloadsOf = (release: number): URL[] =>
  release === 0 ? [] : [new URL(`preload/release.js?release=${release}`, import.meta.url)];

/** The address of the database for a process of this release, whose sessions tell the database what it knows. */
export function addressOf(url: string, release: number): string {
  const address = new URL(url);
  address.searchParams.set('options', `-c ${KNOWN_VERSION}=${alertVersion(release)}`);
  return address.href;
}
