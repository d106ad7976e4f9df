import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The keys of the simulated systems: made at random at the first start, and readable by this user only. */
export interface SandboxKeys {
  freescout: string;
  slack: string;
}

export async function sandboxKeys(file: string): Promise<SandboxKeys> {
  const stored = await readKeys(file);
  if (stored !== null) return stored;
  const keys = { freescout: randomBytes(16).toString('hex'), slack: `xoxb-${randomBytes(16).toString('hex')}` };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(keys), { mode: 0o600 });
  return keys;
}

async function readKeys(file: string): Promise<SandboxKeys | null> {
  try {
    const keys: Partial<SandboxKeys> = JSON.parse(await readFile(file, 'utf8'));
    return keys.freescout && keys.slack ? { freescout: keys.freescout, slack: keys.slack } : null;
  } catch (error) {
    const isUnusable = error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!isUnusable) throw error;
    return null;
  }
}
