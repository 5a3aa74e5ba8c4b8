import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentRelease } from "#api/plan/present-sequence.ts";
import { forecastSequence } from "#contract/sequence.ts";

export const forecastSequenceHandler = defineHandler(forecastSequence, async (deps, call) => {
  const { name } = call.params;
  const { environment } = call.query;
  const found = await deps.sequences.forecastSequence(name, environment);
  if (found.ok) {
    const { sequence, at, releases } = found.value;
    return answer(200, {
      sequence: sequence.name,
      environment,
      at: at.toString(),
      releases: releases.map(({ release, state, liveAt, readyAt, isCritical }) => ({
        ...presentRelease(release),
        state,
        liveAt: liveAt.toString(),
        readyAt: readyAt.toString(),
        isCritical,
      })),
    });
  }
  switch (found.error) {
    case "no-such-sequence":
      return refuse(found.error, `There is no sequence ${name}. "tidegate sequence list" shows those in force.`);
    case "no-such-environment":
      return refuse(found.error, `There is no environment ${environment}. Name one of the configuration.`);
    case "sequence-not-there":
      return refuse(
        found.error,
        `The sequence ${name} does not hold in ${environment}. Name an environment that it matches.`,
      );
  }
});
