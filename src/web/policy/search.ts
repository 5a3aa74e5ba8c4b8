import { z } from "zod";
import { deploymentId, entityName, instant, version } from "#contract/common.ts";
import { deedSearch } from "#web/exemption/deeds.ts";
import { lenient } from "#web/ui/lenient.ts";

/** The instants that a panel looks at, and the dialog that is open on it. */
export const whySearch = z.object({
  /** The instant asked about; now when absent. */
  at: lenient(instant),
  /** The instant compared with; now when absent. */
  base: lenient(instant),
  ...deedSearch.shape,
});

export const classes = ["standard", "normal", "emergency"] as const;
export type ChangeClass = (typeof classes)[number];

/** A question about anything, all of it in the URL. */
export const questionSearch = z.object({
  ...whySearch.shape,
  service: lenient(entityName),
  version: lenient(version),
  environment: lenient(entityName),
  /** `normal` when absent. */
  class: lenient(z.enum(classes)),
  deployment: lenient(deploymentId),
});
export type QuestionSearch = z.output<typeof questionSearch>;

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** Lists that leave out what is over unless they are asked for everything. */
export const showSearch = z.object({ show: lenient(z.literal("all")) });

/** The same list with the dialog that is open on it. */
export const exemptionsSearch = z.object({ ...showSearch.shape, ...deedSearch.shape });

/** One policy, and which of its versions. */
export const policySearch = z.object({
  version: lenient(digest),
  /** The version it is compared with. */
  against: lenient(digest),
});

/** The span of a back-test; the draft itself is too long for an address. */
export const backtestSearch = z.object({
  since: lenient(instant),
  until: lenient(instant),
  /** Only changes of this kind. */
  kind: lenient(z.enum(["newly-blocked", "newly-allowed", "delayed", "earlier", "other"])),
});
export type BacktestSearch = z.output<typeof backtestSearch>;
