import type { Ctx } from '../context.ts';

/** The caller's name for the audit log. */
export function auditActor(ctx: Ctx): string {
  return ctx.state.principal?.name ?? 'nobody';
}
