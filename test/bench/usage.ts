import { readFileSync } from 'node:fs';

/** Processor time and memory of other processes, as Linux reports them. */

const TICK_MS = 10;
const MEBIBYTE_KIB = 1_024;

/** Processor time in milliseconds. Unlike elapsed time it does not grow when the machine is busy. */
export function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Resident memory in MiB. */
export function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / MEBIBYTE_KIB;
}
