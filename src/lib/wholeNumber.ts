import { InvalidArgumentError } from 'commander';

/** Parses the value of a command-line option: only digits, so that `1e9` or '' is not accepted. Throws InvalidArgumentError. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Write a whole number.');
  return Number(text);
}
