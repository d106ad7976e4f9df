import { Again, type EffectHandlers } from '../actors/effectRunner.ts';

/** The same handlers; `observe` is told of each effect that is done, and how long ago a machine asked for it. */
export function withLatency(handlers: EffectHandlers, observe: (src: string, seconds: number) => void): EffectHandlers {
  return Object.fromEntries(
    Object.entries(handlers).map(([src, handler]) => [
      src,
      {
        ...handler,
        async run(input, run) {
          const startedAt = performance.now();
          const result = await handler.run(input, run);
          if (!(result instanceof Again)) observe(src, (run.ageMs + performance.now() - startedAt) / 1_000);
          return result;
        },
      } satisfies EffectHandlers[string],
    ]),
  );
}
