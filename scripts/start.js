// Builds the program if necessary and runs it in this process, so that signals reach it.
import { buildIfStale } from './build.js';

buildIfStale();
await import('../bin/auto-ticketing.js');
