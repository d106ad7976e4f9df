import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The keys of the simulated systems: made at random at the first start, and readable by this user only. */
export interface SandboxKeys {
  freescout: string;
  slack: string;
  /** The secret of the console as a client of the OpenID provider. */
  client: string;
  /** What the console signs its cookies with while people sign in at the sandbox. */
  session: string;
}

/** Keys that a file of an older release lacks are added to it. */
export async function sandboxKeys(file: string): Promise<SandboxKeys> {
  const stored = await readKeys(file);
  const keys = { ...newKeys(), ...stored };
  if (Object.keys(stored).length === Object.keys(keys).length) return keys;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}

const newKeys = (): SandboxKeys => ({
  freescout: randomBytes(16).toString('hex'),
  slack: `xoxb-${randomBytes(16).toString('hex')}`,
  client: randomBytes(32).toString('hex'),
  session: randomBytes(32).toString('hex'),
});

async function readKeys(file: string): Promise<Partial<SandboxKeys>> {
  try {
    const stored: Record<string, unknown> = JSON.parse(await readFile(file, 'utf8'));
    const known = Object.keys(newKeys()).filter((name) => typeof stored[name] === 'string' && stored[name] !== '');
    return Object.fromEntries(known.map((name) => [name, stored[name]]));
  } catch (error) {
    const isUnusable = error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!isUnusable) throw error;
    return {};
  }
}
