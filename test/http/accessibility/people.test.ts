import { CUSTOMERS, PROBLEMS, REFUSALS, SESSIONS, WAY_IN } from '../states/people.ts';
import { testStates } from './testStates.ts';

testStates([...CUSTOMERS, ...SESSIONS, ...REFUSALS, ...WAY_IN, ...PROBLEMS]);
