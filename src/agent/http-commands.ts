import type { Hono } from "hono";
import { answered, malformed, placeOf, problem, readBody, servicePath } from "#agent/answers.ts";
import { cancelCommand, lookAtCommand, runCommand } from "#agent/commands.ts";
import type { World } from "#agent/world.ts";
import { cancelCommandBody, runCommandBody } from "#contract/agent.ts";

/** The routes of commands. */
export function addCommands(app: Hono, world: World): void {
  app.post(`${servicePath}/commands`, async (context) => {
    const body = runCommandBody.safeParse(await readBody(context));
    if (!body.success) return malformed(context, body.error);
    return answered(context, await runCommand(world, placeOf(context), body.data));
  });
  app.get(`${servicePath}/commands`, async (context) => {
    const key = context.req.query("key");
    if (key === undefined) return problem(context, 400, "bad-request", "`key` is missing.");
    return answered(context, await lookAtCommand(world, placeOf(context), key));
  });
  app.post(`${servicePath}/commands/cancel`, async (context) => {
    const body = cancelCommandBody.safeParse(await readBody(context));
    if (!body.success) return malformed(context, body.error);
    return answered(context, await cancelCommand(world, placeOf(context), body.data));
  });
}
