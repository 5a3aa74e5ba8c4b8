import { login, whoami } from "#cli/access/login.ts";
import { token } from "#cli/access/token.ts";
import { approve, reject } from "#cli/approval/decide.ts";
import { inbox } from "#cli/approval/inbox.ts";
import { audit } from "#cli/audit/audit.ts";
import { calendar } from "#cli/calendar/calendar.ts";
import { apply, diff, exportConfiguration } from "#cli/catalog/apply.ts";
import { lint } from "#cli/catalog/lint.ts";
import { service } from "#cli/catalog/service.ts";
import { announcements } from "#cli/exemption/announcements.ts";
import { debt } from "#cli/exemption/debt.ts";
import { emergency } from "#cli/exemption/emergency.ts";
import { exemption } from "#cli/exemption/exemption.ts";
import { override } from "#cli/exemption/override.ts";
import { lab } from "#cli/lab/lab.ts";
import { messages } from "#cli/plan/messages.ts";
import { notices } from "#cli/policy/notices.ts";
import { policy } from "#cli/policy/policy.ts";
import { why } from "#cli/policy/why.ts";
import { artifact } from "#cli/release/artifact.ts";
import { deploy } from "#cli/release/deploy.ts";
import { deployment } from "#cli/release/deployment.ts";
import { deployments } from "#cli/release/deployments.ts";
import { gate } from "#cli/release/gate.ts";
import { gates, redeem, result, violations } from "#cli/release/gate-run.ts";
import { hold, holds, resume, stop, stops, unhold } from "#cli/release/hold.ts";
import { callbacks, hooks } from "#cli/release/hooks.ts";
import { report } from "#cli/release/report.ts";
import { reporters } from "#cli/release/reporters.ts";
import { reports } from "#cli/release/reports.ts";
import { abort } from "#cli/rollout/abort.ts";
import { criteria } from "#cli/rollout/criteria.ts";
import { decide } from "#cli/rollout/decide.ts";
import { run } from "#cli/plan/run.ts";
import { sequence } from "#cli/plan/sequence.ts";
import { reservation, reserve } from "#cli/plan/reservation.ts";
import { resource } from "#cli/plan/resource.ts";
import { runbook } from "#cli/plan/runbook.ts";
import { waves } from "#cli/waves/waves.ts";
import { strategies } from "#cli/rollout/strategies.ts";
import { wayBack } from "#cli/rollback/way-back.ts";
import { live } from "#cli/rollout/live.ts";
import { rollback } from "#cli/rollout/rollback.ts";
import { clock } from "#cli/runtime/clock.ts";
import { doctor } from "#cli/runtime/doctor.ts";
import type { AddCommand } from "#cli/command.ts";

/** Every command that needs the contract only, in the order of the help. A test compares it with the folder. */
export const commands: readonly AddCommand[] = [
  why,
  artifact,
  deploy,
  gate,
  gates,
  redeem,
  result,
  violations,
  deployments,
  deployment,
  approve,
  reject,
  inbox,
  exemption,
  override,
  emergency,
  debt,
  announcements,
  messages,
  notices,
  policy,
  abort,
  decide,
  rollback,
  live,
  criteria,
  wayBack,
  strategies,
  runbook,
  resource,
  sequence,
  reserve,
  reservation,
  waves,
  run,
  report,
  reporters,
  reports,
  hold,
  unhold,
  holds,
  stop,
  stops,
  resume,
  hooks,
  callbacks,
  apply,
  diff,
  exportConfiguration,
  lint,
  service,
  calendar,
  audit,
  clock,
  doctor,
  login,
  whoami,
  token,
  lab,
];
