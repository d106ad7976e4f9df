import { spelledOut } from '../log/invisible.ts';

/** Output of a command, line by line: results on `out`, progress and errors on `err`. */
export interface Terminal {
  out(line: string): void;
  err(line: string): void;
}

/** Arguments of every command. */
export interface CommandContext {
  env: NodeJS.ProcessEnv;
  terminal: Terminal;
}

/** A command failed; its message explains the cause and what to do. */
export class CommandError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandError';
  }
}

/** Foreign text on one line, without control sequences. */
export const oneLine = (text: string): string => text.replace(/[\p{C}\s]+/gu, ' ').trim();

/** A value as JSON, in which what a terminal would obey or not show is an escape. */
export const asJson = (value: unknown): string => spelledOut(JSON.stringify(value, null, 2));

/** `1 file`, `2 files`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
