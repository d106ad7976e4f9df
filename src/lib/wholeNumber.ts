import { InvalidArgumentError } from 'commander';

/** Reads an option's value: digits and nothing else, so that `1e9` or an empty text is no number by accident. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Write a whole number.');
  return Number(text);
}
