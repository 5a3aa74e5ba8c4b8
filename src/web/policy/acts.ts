import type { z } from "zod";
import { deploymentId } from "#contract/common.ts";
import type { me } from "#contract/access.ts";
import type { Finding } from "#web/policy/verdict.ts";

export type Me = z.infer<typeof me>;
type Remedy = Finding["remedies"][number];
type Evidence = Finding["evidence"][number];

/** What the viewer may do, as the server states it: permissions, and the actions of the deployment looked at. */
export interface Viewer {
  readonly me: Me | undefined;
  /** Names of actions that are allowed on the deployment; empty where no deployment is looked at. */
  readonly allowed: readonly string[];
}

/** An offer of this page: it opens a dialog in which the deed is confirmed, and does nothing by itself. */
export type Act =
  /** A dialog of the deployment that is looked at. */
  | { readonly kind: "ask"; readonly label: string; readonly name: string }
  | { readonly kind: "deployment"; readonly label: string; readonly id: string; readonly ask: string | undefined }
  | { readonly kind: "lift"; readonly label: string; readonly hold: string }
  | { readonly kind: "resume"; readonly label: string; readonly stop: string };

/** What this viewer can do about a remedy here; null: the sentence says who can. The server has the last word. */
export function actFor(finding: Finding, remedy: Remedy, viewer: Viewer): Act | null {
  const may = (permission: string): boolean => viewer.me?.permissions.includes(permission) === true;
  if (remedy.kind === "approve" && finding.rule === "approved-by-another" && viewer.allowed.includes("approve")) {
    return { kind: "ask", label: "Approve…", name: "approve" };
  }
  const named = finding.evidence.find(({ ref }) => ref !== "" && remedy.what.includes(ref));
  if (named === undefined) return null;
  if (named.kind === "hold" && may("hold.change") && isMeant(remedy.who, viewer.me)) {
    return { kind: "lift", label: "Lift it…", hold: named.ref };
  }
  if (named.kind === "stop" && may("stop.change")) return { kind: "resume", label: "Resume…", stop: named.ref };
  if (remedy.kind === "free-lock" && may("deployment.abort") && isDeployment(named.ref)) {
    return { kind: "deployment", label: "Abort it…", id: named.ref, ask: "abort" };
  }
  return null;
}

/** A person, a team or a role, by name. */
export function isMeant(name: string, viewer: Me | undefined): boolean {
  if (viewer === undefined) return false;
  return viewer.person === name || viewer.teams.includes(name) || viewer.roles.includes(name);
}

export type EvidenceTarget =
  | { readonly kind: "deployment"; readonly id: string }
  | { readonly kind: "hold" | "stop" | "signal" | "deviation" }
  | { readonly kind: "policy"; readonly name: string }
  | { readonly kind: "calendar" }
  | { readonly kind: "site"; readonly address: string };

/** Where a piece of evidence can be looked at; null: what it says is all there is. */
export function targetOf({ kind, ref }: Evidence): EvidenceTarget | null {
  if (isDeployment(ref)) return { kind: "deployment", id: ref };
  if (kind === "hold" || kind === "stop" || kind === "signal") return { kind };
  if (deviations.includes(kind)) return { kind: "deviation" };
  if (kind === "policy") return { kind, name: ref };
  if (kind === "window" || kind === "freeze" || kind === "event") return { kind: "calendar" };
  return isSite(ref) ? { kind: "site", address: ref } : null;
}

/** What lets work through in spite of a rule, and what is owed for it. */
const deviations: readonly string[] = ["exemption", "override", "emergency", "debt"];

function isDeployment(ref: string): boolean {
  return deploymentId.safeParse(ref).success;
}

/** Reports may name any text; only addresses of the web become links. */
function isSite(ref: string): boolean {
  return /^https?:\/\//.test(ref) && URL.canParse(ref);
}
