// A process that only runs an embedded Postgres. Its argument is the options as JSON; it prints the URL and process id of
// the server as JSON. It ignores Ctrl-C, so that a test can check that Postgres does not receive it either.
import { startEmbeddedPostgres } from '../../src/sandbox/postgres/embedded.ts';

process.on('SIGINT', () => undefined);
const server = await startEmbeddedPostgres(JSON.parse(process.argv[2] ?? '{}'));
process.stdout.write(`${JSON.stringify({ url: server.url, pid: server.pid })}\n`);
setInterval(() => undefined, 60_000);
