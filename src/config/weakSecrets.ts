/** Fewer characters can be guessed. */
const SHORTEST = 16;

/** Why a token or secret can be guessed, or null. It follows "of". */
export function weaknessOf(secret: string): string | null {
  if (secret.length < SHORTEST) return `fewer than ${SHORTEST} characters`;
  return new Set(secret).size === 1 ? 'one repeated character' : null;
}
