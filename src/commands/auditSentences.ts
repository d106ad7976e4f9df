import type { SealedLate } from '../audit/checkChain.ts';

/** UTC, to the minute. */
export const minuteOf = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** Nobody can tell the reasons apart by the database alone: the log of that time has the digests of before. */
export function lateSentence({ from, to, at }: SealedLate): string {
  const days = from === to ? `${from} was` : `${from} to ${to} were`;
  const reasons = 'no worker ran, a backup was restored, or somebody deleted the digests';
  return `${days} sealed at ${minuteOf(at)}, days after the end: ${reasons}.`;
}
