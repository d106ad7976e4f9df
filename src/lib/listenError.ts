/** Replaces an error of `server.listen` by a sentence that says what to do; other errors are returned as they are. */
export function explainListenError(error: unknown, { host, port }: { host: string; port: number }): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const sentence = SENTENCES[String(code)]?.(host, port);
  return sentence === undefined ? error : new Error(sentence, { cause: error });
}

const SENTENCES: Record<string, (host: string, port: number) => string> = {
  EADDRINUSE: (host, port) =>
    `Port ${port} of ${host} is in use: stop the other program, or set PORT to another port. A sandbox takes the three ports after PORT as well, and a fourth where people sign in at it.`,
  EACCES: (host, port) =>
    `This user may not listen on port ${port} of ${host}: set PORT to 1024 or more, with a proxy in front of it.`,
  EADDRNOTAVAIL: (host) => `${host} is not an address of this machine: correct HOST.`,
  ENOTFOUND: (host) => `The host name ${host} is unknown to this machine: correct HOST.`,
};
