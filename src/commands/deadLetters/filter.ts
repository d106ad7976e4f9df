import { type Command, Option } from 'commander';

/** Adds the options that select dead letters; their names are the fields of DeadLetterFilter. */
export const addFilterOptions = (command: Command): Command =>
  command
    .addOption(new Option('--kind <kind>', 'only this kind').choices(['ticket', 'tag', 'note', 'message', 'webhook']))
    .option('--reason <code>', 'only this reason, such as rejected or invalid_auth');
