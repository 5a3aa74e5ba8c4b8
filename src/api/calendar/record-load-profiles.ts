import { answer, defineHandler, refuse } from "#api/handler.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { recordLoadProfiles } from "#contract/advice.ts";

/** JSON is YAML too, so both ways in are read by the same rules. */
export const recordLoadProfilesHandler = defineHandler(recordLoadProfiles, async (deps, call) => {
  const { body } = call;
  const text = "yaml" in body ? body.yaml : JSON.stringify({ kind: "State", spec: { loadProfiles: body.profiles } });
  const result = await deps.operations.recordLoadProfiles({ text }, callOf(call));
  if (result.ok) return answer(200, { recorded: result.value.recorded });
  const { error } = result;
  switch (error.code) {
    case "invalid-configuration": {
      const detail = "Nothing was recorded. Every place that is wrong is in `problems`.";
      return refuse(error.code, detail, { problems: error.problems });
    }
    case "no-such-service":
      return refuse(error.code, `Nothing was recorded: the catalog has no service ${error.name}.`);
    case "no-such-environment":
      return refuse(error.code, `Nothing was recorded: the catalog has no environment ${error.name}.`);
  }
});
