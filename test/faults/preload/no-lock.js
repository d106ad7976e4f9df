import { without } from './without.js';

/** Two processes may move the same actor at once. */
without([[' order by id for update', ' order by id']]);
