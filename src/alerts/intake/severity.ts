import type { Severity } from '../../../machines/shared/protocol.ts';

/** What a sender's word for a severity means here. `isQuiet`: the alert is recorded and nobody is told. Pure. */
export interface ReadSeverity {
  severity: Severity;
  isQuiet: boolean;
  /** The sender sent none of P1, P2, P3 and none. */
  isAssumed: boolean;
  /** The word has a meaning here; otherwise the severity is the default. */
  isKnown: boolean;
}

const WORDS: Record<Severity, readonly string[]> = {
  P1: ['critical', 'page', 'emergency', 'fatal', 'disaster', 'p1'],
  P2: ['error', 'high', 'major', 'ticket', 'p2'],
  P3: ['warning', 'average', 'minor', 'low', 'p3'],
};
const QUIET_WORDS = ['info', 'debug', 'none'];
const DEFAULT: Severity = 'P2';

const BY_WORD = new Map<string, Severity>(
  Object.entries(WORDS).flatMap(([severity, words]) => words.map((word) => [word, severity as Severity] as const)),
);

export function readSeverity(sent: unknown): ReadSeverity {
  const word = typeof sent === 'string' ? sent.trim().toLowerCase() : '';
  const isAssumed = !/^(p[123]|none)$/.test(word);
  if (QUIET_WORDS.includes(word)) return { severity: 'P3', isQuiet: true, isAssumed, isKnown: true };
  const known = BY_WORD.get(word);
  return { severity: known ?? DEFAULT, isQuiet: false, isAssumed, isKnown: known !== undefined };
}
