// A process that does nothing but keep an embedded Postgres: its arguments are the options as JSON. It prints the url
// and the pid of the server, and ignores Ctrl-C, so that a test can see what else it reaches.
import { startEmbeddedPostgres } from '../../src/sandbox/postgres/embedded.ts';

process.on('SIGINT', () => undefined);
const server = await startEmbeddedPostgres(JSON.parse(process.argv[2] ?? '{}'));
process.stdout.write(`${JSON.stringify({ url: server.url, pid: server.pid })}\n`);
setInterval(() => undefined, 60_000);
