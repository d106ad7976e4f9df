import { AUDIT, DEAD_LETTERS, FLAGS, INSPECT, RECONCILED } from '../states/machines.ts';
import { SILENCES } from '../states/silences.ts';
import { SOURCES } from '../states/sources.ts';
import { WEEKLY } from '../states/weekly.ts';
import { testStates } from './testStates.ts';

testStates([...FLAGS, ...AUDIT, ...INSPECT, ...DEAD_LETTERS, ...RECONCILED, ...SOURCES, ...SILENCES, ...WEEKLY]);
