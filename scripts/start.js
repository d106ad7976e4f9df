// Builds what is missing or out of date, then runs everything in this one process, so that signals reach it.
import { buildIfStale } from './build.js';

buildIfStale();
await import('../bin/auto-ticketing.js');
