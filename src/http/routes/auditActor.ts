import type { Ctx } from '../context.ts';

/** The name that the audit log keeps. */
export function auditActor(ctx: Ctx): string {
  return ctx.state.principal?.name ?? 'nobody';
}
