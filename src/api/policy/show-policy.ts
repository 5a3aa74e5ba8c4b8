import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentPolicy } from "#api/policy/present-policy.ts";
import { showPolicy } from "#contract/policy.ts";

export const showPolicyHandler = defineHandler(showPolicy, async (deps, call) => {
  const { name } = call.params;
  const { version } = call.query;
  const shown = await deps.policies.show(name, version ?? null, call.now);
  if (!shown.ok) {
    switch (shown.error) {
      case "no-such-policy":
        return refuse("no-such-policy", `There is no policy ${name}, and never was. Ask for the list of policies.`);
      case "no-such-version":
        return refuse(
          "no-such-policy",
          `The policy ${name} never had the version ${version ?? ""}. Leave it out to see all.`,
        );
    }
  }
  const { text, place, versions, services, ...line } = shown.value;
  return answer(200, {
    ...presentPolicy({ ...line, services }),
    text,
    place,
    services,
    versions: versions.map((each) => ({ ...each, from: each.from.toString(), to: each.to?.toString() ?? null })),
  });
});
