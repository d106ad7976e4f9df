import { ProxyRefusedError } from './agents.ts';
import { NameError } from './nameQuery.ts';

/** The sentence of an error of our own about the way to another system, anywhere among the causes; null for other errors. */
export function unreachableBecause(error: unknown): string | null {
  let next = error;
  for (let depth = 0; depth < 8 && next instanceof Error; depth += 1) {
    if (next instanceof NameError || next instanceof ProxyRefusedError) return next.message;
    next = 'original' in next ? next.original : next.cause;
  }
  return null;
}
