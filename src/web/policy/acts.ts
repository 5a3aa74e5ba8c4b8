import type { z } from "zod";
import { deploymentId } from "#contract/common.ts";
import type { me } from "#contract/access.ts";
import type { listExemptionTypes } from "#contract/exemption.ts";
import { isInTheWay, type Finding, type Verdict } from "#web/policy/verdict.ts";

export type Me = z.infer<typeof me>;
type Remedy = Finding["remedies"][number];
type Evidence = Finding["evidence"][number];

/** What the viewer may do, as the server states it: permissions, and the actions of the deployment looked at. */
export interface Viewer {
  readonly me: Me | undefined;
  /** Names of actions that are allowed on the deployment; empty where no deployment is looked at. */
  readonly allowed: readonly string[];
  /** What lets through in spite of a rule; null: none of it can be asked for here. */
  readonly ways: OtherWays | null;
}

export type ExemptionType = z.infer<(typeof listExemptionTypes.answers)[200]>["items"][number];

export interface OtherWays {
  /** Sorts of exemption that are granted. */
  readonly types: readonly ExemptionType[];
  /** Codes that an override passes, by rule; empty where no open work of somebody else is looked at. */
  readonly overridable: ReadonlyMap<string, readonly string[]>;
}

/** An offer of this page: it opens a dialog in which the deed is confirmed, and does nothing by itself. */
export type Act =
  /** A dialog of the page that is looked at; `of`: what it is about, where a page has several. */
  | { readonly kind: "ask"; readonly label: string; readonly name: string; readonly of?: string }
  | { readonly kind: "deployment"; readonly label: string; readonly id: string; readonly ask: string | undefined }
  | { readonly kind: "lift"; readonly label: string; readonly hold: string }
  | { readonly kind: "resume"; readonly label: string; readonly stop: string };

/** What this viewer can do about a remedy here; null: the sentence says who can. The server has the last word. */
export function actFor(finding: Finding, remedy: Remedy, viewer: Viewer): Act | null {
  if (remedy.kind === "approve" && finding.rule === "approved-by-another" && viewer.allowed.includes("approve")) {
    return { kind: "ask", label: "Approve…", name: "approve" };
  }
  const deed = deedFor(finding, remedy, viewer);
  if (deed !== null) return deed;
  const named = finding.evidence.find(({ ref }) => ref !== "" && remedy.what.includes(ref));
  if (named === undefined) return null;
  if (named.kind === "hold" && may(viewer, "hold.change") && isMeant(remedy.who, viewer.me)) {
    return { kind: "lift", label: "Lift it…", hold: named.ref };
  }
  if (named.kind === "stop" && may(viewer, "stop.change")) return { kind: "resume", label: "Resume…", stop: named.ref };
  if (remedy.kind === "free-lock" && may(viewer, "deployment.abort") && isDeployment(named.ref)) {
    return { kind: "deployment", label: "Abort it…", id: named.ref, ask: "abort" };
  }
  return null;
}

/** Remedies in the lane of emergencies: a ticket, an approval of it, a debt. */
function deedFor(finding: Finding, remedy: Remedy, viewer: Viewer): Act | null {
  if (viewer.ways === null) return null;
  const about = (kind: string): string | undefined =>
    finding.evidence.find((one) => one.kind === kind && remedy.what.includes(one.ref))?.ref;
  const debt = about("debt");
  if (debt !== undefined && may(viewer, "debt.pay")) {
    return { kind: "ask", label: "Say that it is done…", name: "pay-debt", of: debt };
  }
  if (finding.rule !== "emergency-permitted") return null;
  const emergency = about("emergency");
  if (remedy.kind === "approve" && emergency !== undefined && may(viewer, "emergency.approve")) {
    return { kind: "ask", label: "Approve it…", name: "approve-emergency", of: emergency };
  }
  if (remedy.kind !== "change" || !may(viewer, "emergency.open")) return null;
  return { kind: "ask", label: "Open a ticket…", name: "emergency" };
}

export function may({ me }: Viewer, permission: string): boolean {
  return me?.permissions.includes(permission) === true;
}

/** What lets the work through although the rule goes on to stop it. Offered, not decided: the server has the last word. */
export function waysAround(finding: Finding, viewer: Viewer): readonly Act[] {
  const { ways } = viewer;
  if (ways === null || !isInTheWay(finding)) return [];
  const { rule, code, outcome } = finding;
  const acts: Act[] = [];
  const isGranted = ways.types.some((type) => type.rule === rule && type.codes.includes(code));
  if (isGranted && may(viewer, "exemption.request")) {
    acts.push({ kind: "ask", label: "Ask for an exemption…", name: "exempt", of: rule });
  }
  const isOverridable = outcome !== "unknown" && ways.overridable.get(rule)?.includes(code) === true;
  if (isOverridable && may(viewer, "finding.override")) {
    acts.push({ kind: "ask", label: "Override it…", name: "override", of: rule });
  }
  return acts;
}

/** Rules that the permission of an emergency passes. */
const passedInTheLane: readonly string[] = [
  "inside-window",
  "freeze-in-force",
  "fits-before-closing",
  "environment-path",
];

/** Whether declaring an emergency would change anything, and the viewer may. */
export function mayDeclare({ findings, subject }: Pick<Verdict, "findings" | "subject">, viewer: Viewer): boolean {
  const isStopped = findings.some((one) => isInTheWay(one) && passedInTheLane.includes(one.rule));
  return viewer.ways !== null && isStopped && subject.class !== "emergency" && may(viewer, "emergency.open");
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
