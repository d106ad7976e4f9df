import { type Environment, startEnvironment } from '../environment.ts';
import { startRogueServer } from '../rogueServer.ts';
import { createSender } from '../send.ts';
import { startConsumer } from './consumer.ts';
import { TOKENS } from './inputs.ts';

/** The program that takes the requests, and a client that sends them. */
export interface Target {
  environment: Environment;
  send: ReturnType<typeof createSender>['send'];
  stop(): Promise<void>;
}

/** `onCrash` is called for errors that nothing catches. */
export async function startTarget(
  seed: number,
  databaseUrl: string,
  onCrash: (error: unknown) => void,
): Promise<Target> {
  process.on('uncaughtException', onCrash);
  process.on('unhandledRejection', onCrash);
  const rogue = await startRogueServer(seed);
  const environment = await startEnvironment(databaseUrl, rogue.url, TOKENS);
  const consumer = await startConsumer(environment.config, databaseUrl, environment.log);
  const { send, close } = createSender(environment.url);
  return {
    environment,
    send,
    async stop() {
      close();
      await consumer.stop();
      await environment.stop();
      await rogue.close();
      process.off('uncaughtException', onCrash);
      process.off('unhandledRejection', onCrash);
    },
  };
}
