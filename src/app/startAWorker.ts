/** What to do where no worker seems to run. In production each process is started by itself. */
export const startAWorker = (production: boolean): string =>
  production ? 'start "auto-ticketing worker"' : 'start a worker ("auto-ticketing worker" or "npm start")';
