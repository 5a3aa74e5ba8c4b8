import type { Me } from "#web/policy/acts.ts";
import type { Deed } from "./deeds.ts";
import type { Debt, Emergency, Exemption } from "./queries.ts";

/** A button of a line: it opens a dialog, and the server has the last word. */
export interface LineDeed {
  readonly label: string;
  readonly ask: Deed;
}

type Viewer = Pick<Me, "person" | "permissions"> | undefined;

function may(viewer: Viewer, permission: string): boolean {
  return viewer?.permissions.includes(permission) === true;
}

/** Nobody is offered to decide on what they asked for themselves. */
export function exemptionDeeds(
  { state, requestedBy }: Pick<Exemption, "state" | "requestedBy">,
  viewer: Viewer,
): readonly LineDeed[] {
  if (!may(viewer, "exemption.approve") || state === "ended" || state === "revoked") return [];
  if (state !== "requested") return [{ label: "Revoke…", ask: "revoke-exemption" }];
  const reject: LineDeed = { label: "Reject…", ask: "revoke-exemption" };
  return requestedBy === viewer?.person ? [reject] : [{ label: "Approve…", ask: "approve-exemption" }, reject];
}

export function emergencyDeeds(
  {
    state,
    openedBy,
    approvals,
  }: Pick<Emergency, "state" | "openedBy"> & { readonly approvals: readonly { readonly person: string }[] },
  viewer: Viewer,
): readonly LineDeed[] {
  if (state !== "opened" || !may(viewer, "emergency.approve") || openedBy === viewer?.person) return [];
  if (approvals.some(({ person }) => person === viewer?.person)) return [];
  return [{ label: "Approve…", ask: "approve-emergency" }];
}

/** A review is recorded by those who may approve emergencies; whether they had a part in it the server knows. */
export function debtDeeds({ state, kind }: Pick<Debt, "state" | "kind">, viewer: Viewer): readonly LineDeed[] {
  if (state === "paid" || !may(viewer, "debt.pay")) return [];
  if (kind === "review" && !may(viewer, "emergency.approve")) return [];
  return [{ label: "Say that it is done…", ask: "pay-debt" }];
}
