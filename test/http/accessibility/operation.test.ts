import { AUDIT, DEAD_LETTERS, FLAGS, INSPECT, RECONCILED } from '../states/machines.ts';
import { testStates } from './testStates.ts';

testStates([...FLAGS, ...AUDIT, ...INSPECT, ...DEAD_LETTERS, ...RECONCILED]);
