import { answer, defineHandler } from "#api/handler.ts";
import { presentExemption, presentOverride, presentUse } from "#api/exemption/present.ts";
import { exportRegister } from "#contract/exemption.ts";

export const exportRegisterHandler = defineHandler(exportRegister, async (deps, call) => {
  const { exemptions, overrides, uses } = await deps.exemptions.register();
  return answer(200, {
    at: call.now.toString(),
    exemptions: exemptions.map((item) => presentExemption(item, call.now)),
    overrides: overrides.map(presentOverride),
    uses: uses.map(presentUse),
  });
});
