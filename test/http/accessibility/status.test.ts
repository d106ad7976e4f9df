import { ALERTS, GRID } from '../states/grid.ts';
import { testStates } from './testStates.ts';

testStates([...GRID, ...ALERTS]);
