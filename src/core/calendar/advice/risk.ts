import type { Service } from "#core/catalog/service.ts";

export const risks = ["low", "high"] as const;
export type Risk = (typeof risks)[number];

/** Up to this tier a change is taken to be of high risk unless its request says otherwise. */
export const highRiskTier = 1;

/** The risk that the request names, else that of the service's tier. A computed score takes its place later. */
export function riskOf(requested: Risk | undefined, service: Pick<Service, "tier">): Risk {
  return requested ?? (service.tier <= highRiskTier ? "high" : "low");
}
