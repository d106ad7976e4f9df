import { CUSTOMERS, PROBLEMS, SESSIONS, WAY_IN } from '../states/people.ts';
import { testStates } from './testStates.ts';

testStates([...CUSTOMERS, ...SESSIONS, ...WAY_IN, ...PROBLEMS]);
