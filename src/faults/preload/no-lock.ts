import { without } from './without.ts';

/** Two processes may move the same actor at once. */
without([[' order by id for update', ' order by id']]);
