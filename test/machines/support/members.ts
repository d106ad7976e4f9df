import fc from 'fast-check';
import type { UmbrellaMember } from '../../../machines/shared/protocol.ts';

/** Alerts with titles and keys in any script and with markup, and what a text that names them lost. */

const character = fc.oneof(
  fc.constantFrom('&', '<', '>', '"', "'"),
  fc.constantFrom('x', 'я', '障', '\u{1f6a8}'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const anyTitle = fc.oneof(
  fc.tuple(character, fc.nat(200)).map(([one, times]) => one.repeat(times)),
  fc.string({ unit: character, maxLength: 200, size: 'max' }),
);
/** The rest of an id of 16 characters is the number of its alert. */
const anyId = fc.oneof(
  character.map((one) => one.repeat(13)),
  fc.string({ unit: character, maxLength: 13, size: 'max' }),
);

/** A few kinds of alerts, so that a counterexample is short. */
export const anyKinds = fc.array(
  fc.record({ title: anyTitle, id: anyId, severity: fc.constantFrom('P1' as const, 'P2' as const, 'P3' as const) }),
  { minLength: 1, maxLength: 6 },
);
type Kind = Omit<UmbrellaMember, 'alertKey'> & { id: string };

/** So many alerts of these kinds in turn, each with another key. */
export const membersOf = (kinds: Kind[], count: number): UmbrellaMember[] =>
  Array.from({ length: count }, (_, n) => {
    const { title, id, severity } = kinds[n % kinds.length] as Kind;
    return { alertKey: `source:${id}${String(n).padStart(3, '0')}`, severity, title };
  });

/** The lines that a text does not contain, in this order. */
export function lostLines(text: string, lines: readonly string[]): string[] {
  let from = 0;
  return lines.filter((line) => {
    const at = text.indexOf(line, from);
    if (at >= 0) from = at + line.length;
    return at < 0;
  });
}
