import { answer, defineHandler, refuse } from "#api/handler.ts";
import { presentExemption } from "#api/exemption/present.ts";
import { callOf } from "#api/release/show-deployment.ts";
import { requestExemption } from "#contract/exemption.ts";
import { controlForms } from "#core/exemption/control.ts";
import { sayDuration } from "#core/policy/say.ts";
import type { Scope } from "#core/catalog/scope.ts";
import type { ExemptionRefusal } from "#usecases/exemption/exemption-operations.ts";

export const requestExemptionHandler = defineHandler(requestExemption, async (deps, call) => {
  const { from, until, scope, ...rest } = call.body;
  const input = {
    ...rest,
    scope: given(scope),
    from: from === null ? null : Temporal.Instant.from(from),
    until: Temporal.Instant.from(until),
  };
  const result = await deps.exemptions.requestExemption(input, callOf(call));
  if (result.ok) return answer(200, presentExemption(result.value, call.now));
  return refuse(result.error.code, `Nothing was requested: ${whyNot(result.error, input)}`);
});

function whyNot(
  refusal: ExemptionRefusal,
  { type, renews }: { readonly type: string; readonly renews: string | null },
) {
  switch (refusal.code) {
    case "no-such-exemption-type": {
      const known = refusal.known.length === 0 ? "none is declared" : `there are ${refusal.known.join(", ")}`;
      return `no exemption type is called ${type}; ${known}. Name one, or have one declared (kind ExemptionType).`;
    }
    case "too-long":
      return `exemptions of the type ${type} last ${sayDuration(refusal.most)} at most. Name an earlier end.`;
    case "outside-type":
      return `the type ${type} allows only ${refusal.allowed.join(", ")} as ${refusal.field}. Ask for less.`;
    case "unverifiable-control":
      return `nobody could verify the control "${refusal.control}". Write ${controlForms}.`;
    case "bad-span":
    case "too-many-exemptions":
    case "exempts-nothing":
    case "no-such-exemption":
    case "already-renewed":
    case "other-type":
    case "renewals-used-up":
      return sentences[refusal.code](type, renews);
  }
}

type Plain = Exclude<
  ExemptionRefusal["code"],
  "no-such-exemption-type" | "too-long" | "outside-type" | "unverifiable-control"
>;

const sentences: Readonly<Record<Plain, (type: string, renews: string | null) => string>> = {
  "bad-span": () => "its end is not after its begin, or has passed. Name a later one.",
  "too-many-exemptions": () => "as many exemptions are open as are looked at. Revoke some that nobody uses.",
  "exempts-nothing": () => "no service of the configuration is in that scope. Correct the names.",
  "no-such-exemption": (_type, renews) => `there is no exemption ${renews} to follow upon.`,
  "already-renewed": (_type, renews) => `another one follows upon ${renews} already.`,
  "other-type": (type, renews) => `${renews} is not of the type ${type}. Ask without naming it.`,
  "renewals-used-up": (type, renews) =>
    `${renews ?? "what your team was granted of that"} may not be renewed again, by whatever name: the type ${type} allows no more. Cure the cause, or have the rule changed.`,
};

/** Without the fields that were left out: absent and undefined are two things. */
function given(scope: Partial<Record<keyof Scope, unknown>>): Scope {
  return Object.fromEntries(Object.entries(scope).filter(([, value]) => value !== undefined));
}
