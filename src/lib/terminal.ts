/** Where a command speaks, one line at a time: its result on `out`, what goes on and what failed on `err`. */
export interface Terminal {
  out(line: string): void;
  err(line: string): void;
}

/** What every command is given. */
export interface CommandContext {
  env: NodeJS.ProcessEnv;
  terminal: Terminal;
}

/** A command ends without having done what it was asked; the message tells a person why, and what to do. */
export class CommandError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandError';
  }
}

/** A stranger's text on one line, without anything that a terminal would obey. */
export const oneLine = (text: string): string => text.replace(/[\p{C}\s]+/gu, ' ').trim();

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
