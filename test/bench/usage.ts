import { readdirSync, readFileSync } from 'node:fs';
import type { Pool } from 'pg';

/** Processor time and memory of other processes, as Linux reports them. */

const TICK_MS = 10;
const MEBIBYTE_KIB = 1_024;

/** Processor time in milliseconds. Unlike elapsed time it does not grow when the machine is busy. */
export function processorMs(pid: number): number {
  return statOf(pid).own;
}

/** Resident memory in MiB. */
export function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / MEBIBYTE_KIB;
}

/** Processor time of the whole server of this pool, also of its processes that have ended; NaN if it runs elsewhere. */
async function postgresMs(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
  const backend = statIfAny(rows[0]?.pid ?? 0);
  if (!backend?.name.startsWith('postgres')) return Number.NaN;
  const server = statOf(backend.parent);
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statIfAny(Number(name)))
    .filter((stat) => stat?.parent === backend.parent);
  return children.reduce((sum, child) => sum + (child?.own ?? 0), server.own + server.ended);
}

/** The name of the figure of the processes themselves. */
export const PROGRAM = 'program, % of a core';

interface Used<T> {
  result: T;
  /** In milliseconds. */
  usedMs: { programs: number; postgres: number };
  /** The same in percent of a core, as figures. */
  cores: Record<string, number>;
}

/** The processor time that these processes and Postgres use while `work` runs. */
export async function coresDuring<T>(
  { pool, pids }: { pool: Pool; pids: readonly number[] },
  work: () => Promise<T>,
): Promise<Used<T>> {
  const programsMs = () => pids.reduce((sum, pid) => sum + processorMs(pid), 0);
  const before = { programs: programsMs(), postgres: await postgresMs(pool), at: performance.now() };
  const result = await work();
  const tookMs = performance.now() - before.at;
  const usedMs = { programs: programsMs() - before.programs, postgres: (await postgresMs(pool)) - before.postgres };
  const percent = (ms: number) => (100 * ms) / tookMs;
  return {
    result,
    usedMs,
    cores: { [PROGRAM]: percent(usedMs.programs), 'Postgres, % of a core': percent(usedMs.postgres) },
  };
}

interface Stat {
  name: string;
  parent: number;
  /** Milliseconds of the process itself. */
  own: number;
  /** Milliseconds of its children that have ended. */
  ended: number;
}

function statOf(pid: number): Stat {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ms = (first: number) => ((fields[first] ?? 0) + (fields[first + 1] ?? 0)) * TICK_MS;
  return { name, parent: fields[1] ?? 0, own: ms(11), ended: ms(13) };
}

/** Null for a process that has ended. */
function statIfAny(pid: number): Stat | null {
  try {
    return statOf(pid);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null;
    throw error;
  }
}
