import type { Hono } from "hono";
import { answered, placeOf, problem, refused, servicePath } from "#agent/answers.ts";
import { proveControls } from "#agent/controls/prove.ts";
import { findDriver, recordsOf, type World } from "#agent/world.ts";
import { controlsQuery } from "#contract/agent.ts";
import { ok } from "#core/result.ts";

/** The security controls that the agent's configuration names; nothing of what is asked comes from the caller. */
export function addControls(app: Hono, world: World): void {
  app.post(`${servicePath}/versions/:version/controls`, async (context) => {
    const place = placeOf(context);
    const found = findDriver(world, place);
    if (!found.ok) return refused(context, found.error);
    const asked = controlsQuery.safeParse({ when: context.req.query("when") });
    if (!asked.success) return problem(context, 400, "bad-request", "`when` is prepared or live.");
    const version = context.req.param("version");
    const subject = world.supervisor.find(place.environment, place.service, version);
    if (subject?.state !== "ready") {
      return problem(context, 409, "not-ready", `${place.service} ${version} is not ready here; start it first.`);
    }
    const own = world.settings.controls.filter(
      ({ service, environments, when }) =>
        service === place.service &&
        when === asked.data.when &&
        (environments ?? [place.environment]).includes(place.environment),
    );
    const neighbours = (name: string): readonly number[] =>
      recordsOf(world, { environment: place.environment, service: name })
        .filter((record) => record.state === "ready")
        .map((record) => record.port);
    return answered(context, ok({ controls: await proveControls(own, { version: subject.port, neighbours }) }));
  });
}
