import type { Rule } from "#core/policy/rule.ts";
import { agreedSlotBegun } from "#core/policy/rules/agreed-slot-begun.ts";
import { approvedByAnother } from "#core/policy/rules/approved-by-another.ts";
import { artifactKnown } from "#core/policy/rules/artifact-known.ts";
import { artifactVerified } from "#core/policy/rules/artifact-verified.ts";
import { backupProven } from "#core/policy/rules/backup-proven.ts";
import { capacityLeft } from "#core/policy/rules/capacity-left.ts";
import { cautionNoted } from "#core/policy/rules/caution-noted.ts";
import { coreUpgrade } from "#core/policy/rules/core-upgrade.ts";
import { coverPresent } from "#core/policy/rules/cover-present.ts";
import { debtsSettled } from "#core/policy/rules/debts-settled.ts";
import { dependenciesLive } from "#core/policy/rules/dependencies-live.ts";
import { dependencyDegraded } from "#core/policy/rules/dependency-degraded.ts";
import { emergencyPermitted } from "#core/policy/rules/emergency-permitted.ts";
import { environmentPath } from "#core/policy/rules/environment-path.ts";
import { errorBudgetLeft } from "#core/policy/rules/error-budget-left.ts";
import { evidenceFresh } from "#core/policy/rules/evidence-fresh.ts";
import { fitsBeforeClosing } from "#core/policy/rules/fits-before-closing.ts";
import { freezeInForce } from "#core/policy/rules/freeze-in-force.ts";
import { globalStop } from "#core/policy/rules/global-stop.ts";
import { holdFlag } from "#core/policy/rules/hold-flag.ts";
import { insideWindow } from "#core/policy/rules/inside-window.ts";
import { lockFree } from "#core/policy/rules/lock-free.ts";
import { notReserved } from "#core/policy/rules/not-reserved.ts";
import { policyClauses } from "#core/policy/rules/policy-clauses.ts";
import { quietHours } from "#core/policy/rules/quiet-hours.ts";
import { riskWithinAppetite } from "#core/policy/rules/risk-within-appetite.ts";
import { rollbackPlanComplete } from "#core/policy/rules/rollback-plan-complete.ts";
import { rollbackRehearsed } from "#core/policy/rules/rollback-rehearsed.ts";
import { sequenceFollowed } from "#core/policy/rules/sequence-followed.ts";
import { stabilisingNeighbour } from "#core/policy/rules/stabilising-neighbour.ts";
import { strategyFits } from "#core/policy/rules/strategy-fits.ts";
import { ticketLinked } from "#core/policy/rules/ticket-linked.ts";
import { versionsCompatible } from "#core/policy/rules/versions-compatible.ts";

/** Every rule, in the order in which findings are shown. A test compares this list with the folder. */
export const rules: readonly Rule[] = [
  globalStop,
  holdFlag,
  artifactKnown,
  artifactVerified,
  environmentPath,
  evidenceFresh,
  backupProven,
  policyClauses,
  strategyFits,
  freezeInForce,
  insideWindow,
  fitsBeforeClosing,
  rollbackPlanComplete,
  rollbackRehearsed,
  quietHours,
  agreedSlotBegun,
  coverPresent,
  dependenciesLive,
  versionsCompatible,
  dependencyDegraded,
  sequenceFollowed,
  coreUpgrade,
  stabilisingNeighbour,
  approvedByAnother,
  emergencyPermitted,
  debtsSettled,
  ticketLinked,
  riskWithinAppetite,
  errorBudgetLeft,
  lockFree,
  notReserved,
  capacityLeft,
  cautionNoted,
];
