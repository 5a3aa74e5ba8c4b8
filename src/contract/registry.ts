import { createToken, logIn, logOut, revokeToken, whoAmI } from "#contract/access.ts";
import { acceptSlot, adviseSlots, proposeSlot, readSlots, recordLoadProfiles, withdrawSlot } from "#contract/advice.ts";
import { decideApproval, listInbox } from "#contract/approval.ts";
import { exportAudit, listAudit } from "#contract/audit.ts";
import {
  createFeed,
  decideReflow,
  importBusinessCalendar,
  listBusinessCalendars,
  listFeeds,
  listReflows,
  revokeFeed,
} from "#contract/business-calendar.ts";
import { lintCalendar, previewCalendar, readOverview, readTimetable } from "#contract/calendar.ts";
import { applyConfiguration, diffConfiguration, exportConfiguration } from "#contract/configuration.ts";
import { askCover, importRota, listRotas, swapShift, withdrawSwap } from "#contract/cover.ts";
import {
  abortDeployment,
  decideHeld,
  getDeployment,
  getMatrix,
  getTraffic,
  listDeployments,
  registerArtifact,
  requestDeployment,
  rollBackDeployment,
} from "#contract/release.ts";
import {
  approveEmergency,
  getEmergency,
  listAnnouncements,
  listDebts,
  listEmergencies,
  openEmergency,
  payDebt,
} from "#contract/emergency.ts";
import {
  approveExemption,
  exportRegister,
  getExemption,
  listExemptions,
  listOverrides,
  overrideFinding,
  requestExemption,
  revokeExemption,
} from "#contract/exemption.ts";
import { liftHold, listHolds, listStops, placeHold, resumeAll, stopAll } from "#contract/hold.ts";
import {
  listReports,
  reportErrorBudget,
  reportEvidence,
  reportRiskScore,
  reportSignal,
  reportTicket,
  reportVerification,
} from "#contract/report.ts";
import { backTestPolicies, listPolicies, showPolicy } from "#contract/policy.ts";
import { examine, readClock, setClock } from "#contract/runtime.ts";
import { listNotices } from "#contract/notice.ts";
import { askVerdict, outlineVerdict } from "#contract/verdict.ts";

/** Every operation of the API. A test compares it with the exported routes of this folder. */
export const contract = {
  listPolicies,
  showPolicy,
  backTestPolicies,
  listBusinessCalendars,
  importBusinessCalendar,
  listReflows,
  decideReflow,
  createFeed,
  listFeeds,
  revokeFeed,
  adviseSlots,
  recordLoadProfiles,
  readSlots,
  proposeSlot,
  acceptSlot,
  withdrawSlot,
  askCover,
  importRota,
  listRotas,
  swapShift,
  withdrawSwap,
  requestDeployment,
  listDeployments,
  getDeployment,
  getTraffic,
  abortDeployment,
  decideHeld,
  rollBackDeployment,
  getMatrix,
  registerArtifact,
  reportEvidence,
  reportVerification,
  reportTicket,
  reportErrorBudget,
  reportRiskScore,
  reportSignal,
  listReports,
  placeHold,
  liftHold,
  listHolds,
  stopAll,
  resumeAll,
  listStops,
  requestExemption,
  approveExemption,
  revokeExemption,
  listExemptions,
  getExemption,
  exportRegister,
  overrideFinding,
  listOverrides,
  openEmergency,
  approveEmergency,
  getEmergency,
  listEmergencies,
  listDebts,
  payDebt,
  listAnnouncements,
  decideApproval,
  listInbox,
  askVerdict,
  outlineVerdict,
  listNotices,
  applyConfiguration,
  diffConfiguration,
  exportConfiguration,
  readTimetable,
  readOverview,
  previewCalendar,
  lintCalendar,
  whoAmI,
  logIn,
  logOut,
  createToken,
  revokeToken,
  listAudit,
  exportAudit,
  examine,
  readClock,
  setClock,
} as const;

export type Contract = typeof contract;
export type Operation = keyof Contract;
