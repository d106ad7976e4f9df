import { register } from 'node:module';

/**
 * Loaded before the program in the processes of a fault run that are to be of a later release, whose number is in the query
 * of this module's address. See `nextRelease.js`.
 */
const release = Number(new URL(import.meta.url).searchParams.get('release'));
register('./releaseHooks.js', import.meta.url, { data: { release } });
