import { without } from './without.js';

/** Two processes may change the same actor at the same time. */
without([[' order by id for update', ' order by id']]);
