import type { Operation } from "#contract/registry.ts";
import type { Handler } from "#api/handler.ts";
import { createTokenHandler } from "#api/access/create-token.ts";
import { logInHandler } from "#api/access/log-in.ts";
import { logOutHandler } from "#api/access/log-out.ts";
import { revokeTokenHandler } from "#api/access/revoke-token.ts";
import { whoAmIHandler } from "#api/access/who-am-i.ts";
import { createFeedHandler } from "#api/calendar/create-feed.ts";
import { decideReflowHandler } from "#api/calendar/decide-reflow.ts";
import { importBusinessCalendarHandler } from "#api/calendar/import-business-calendar.ts";
import { listBusinessCalendarsHandler } from "#api/calendar/list-business-calendars.ts";
import { listFeedsHandler } from "#api/calendar/list-feeds.ts";
import { listReflowsHandler } from "#api/calendar/list-reflows.ts";
import { revokeFeedHandler } from "#api/calendar/revoke-feed.ts";
import { decideApprovalHandler } from "#api/approval/decide-approval.ts";
import { listInboxHandler } from "#api/approval/list-inbox.ts";
import { exportAuditHandler } from "#api/audit/export-audit.ts";
import { listAuditHandler } from "#api/audit/list-audit.ts";
import { acceptSlotHandler } from "#api/calendar/accept-slot.ts";
import { adviseSlotsHandler } from "#api/calendar/advise-slots.ts";
import { askCoverHandler } from "#api/calendar/ask-cover.ts";
import { importRotaHandler } from "#api/calendar/import-rota.ts";
import { listRotasHandler } from "#api/calendar/list-rotas.ts";
import { proposeSlotHandler } from "#api/calendar/propose-slot.ts";
import { readSlotsHandler } from "#api/calendar/read-slots.ts";
import { recordLoadProfilesHandler } from "#api/calendar/record-load-profiles.ts";
import { swapShiftHandler } from "#api/calendar/swap-shift.ts";
import { withdrawSlotHandler } from "#api/calendar/withdraw-slot.ts";
import { withdrawSwapHandler } from "#api/calendar/withdraw-swap.ts";
import { applyConfigurationHandler } from "#api/catalog/apply-configuration.ts";
import { diffConfigurationHandler } from "#api/catalog/diff-configuration.ts";
import { getServiceHandler } from "#api/catalog/get-service.ts";
import { exportConfigurationHandler } from "#api/catalog/export-configuration.ts";
import { lintCalendarHandler } from "#api/calendar/lint-calendar.ts";
import { previewCalendarHandler } from "#api/calendar/preview-calendar.ts";
import { readOverviewHandler } from "#api/calendar/read-overview.ts";
import { readTimetableHandler } from "#api/calendar/read-timetable.ts";
import { listNoticesHandler } from "#api/policy/list-notices.ts";
import { backTestPoliciesHandler } from "#api/policy/back-test-policies.ts";
import { listPoliciesHandler } from "#api/policy/list-policies.ts";
import { listPolicyCasesHandler } from "#api/policy/list-policy-cases.ts";
import { showPolicyHandler } from "#api/policy/show-policy.ts";
import { askVerdictHandler } from "#api/policy/ask-verdict.ts";
import { outlineVerdictHandler } from "#api/policy/outline-verdict.ts";
import { getDeploymentHandler } from "#api/release/get-deployment.ts";
import { getMatrixHandler } from "#api/release/get-matrix.ts";
import { listDeploymentsHandler } from "#api/release/list-deployments.ts";
import { liftHoldHandler } from "#api/release/lift-hold.ts";
import { listHoldsHandler } from "#api/release/list-holds.ts";
import { listReportersHandler } from "#api/release/list-reporters.ts";
import { listReportsHandler } from "#api/release/list-reports.ts";
import { listStopsHandler } from "#api/release/list-stops.ts";
import { placeHoldHandler } from "#api/release/place-hold.ts";
import { reportBackupHandler } from "#api/release/report-backup.ts";
import { reportErrorBudgetHandler } from "#api/release/report-error-budget.ts";
import { reportEvidenceHandler } from "#api/release/report-evidence.ts";
import { reportRestoreHandler } from "#api/release/report-restore.ts";
import { reportRiskScoreHandler } from "#api/release/report-risk-score.ts";
import { reportSignalHandler } from "#api/release/report-signal.ts";
import { reportTicketHandler } from "#api/release/report-ticket.ts";
import { reportVerificationHandler } from "#api/release/report-verification.ts";
import { resumeAllHandler } from "#api/release/resume-all.ts";
import { stopAllHandler } from "#api/release/stop-all.ts";
import { askGateHandler } from "#api/release/ask-gate.ts";
import { getGateHandler } from "#api/release/get-gate.ts";
import { listGatesHandler } from "#api/release/list-gates.ts";
import { claimGateTokenHandler } from "#api/release/claim-gate-token.ts";
import { redeemGateHandler } from "#api/release/redeem-gate.ts";
import { reportGateResultHandler } from "#api/release/report-gate-result.ts";
import { cancelGateHandler } from "#api/release/cancel-gate.ts";
import { checkLeaseHandler } from "#api/release/check-lease.ts";
import { listViolationsHandler } from "#api/release/list-violations.ts";
import { createCallbackHandler } from "#api/release/create-callback.ts";
import { listCallbacksHandler } from "#api/release/list-callbacks.ts";
import { removeCallbackHandler } from "#api/release/remove-callback.ts";
import { createHookHandler } from "#api/release/create-hook.ts";
import { listHooksHandler } from "#api/release/list-hooks.ts";
import { rotateHookHandler } from "#api/release/rotate-hook.ts";
import { removeHookHandler } from "#api/release/remove-hook.ts";
import { listHookDeliveriesHandler } from "#api/release/list-hook-deliveries.ts";
import { replayHookDeliveryHandler } from "#api/release/replay-hook-delivery.ts";
import { registerArtifactHandler } from "#api/release/register-artifact.ts";
import { requestDeploymentHandler } from "#api/release/request-deployment.ts";
import { abortDeploymentHandler } from "#api/rollout/abort-deployment.ts";
import { chooseStrategyHandler } from "#api/rollout/choose-strategy.ts";
import { decideHeldHandler } from "#api/rollout/decide-held.ts";
import { checkInOnWatchHandler } from "#api/rollout/check-in-on-watch.ts";
import { endLiveWatchHandler } from "#api/rollout/end-live-watch.ts";
import { getLiveWatchHandler } from "#api/rollout/get-live-watch.ts";
import { getCanaryHandler } from "#api/rollout/get-canary.ts";
import { getCriteriaHandler } from "#api/rollout/get-criteria.ts";
import { getRunCriteriaHandler } from "#api/plan/get-run-criteria.ts";
import { sendLogsHandler } from "#api/rollout/send-logs.ts";
import { sendMetricsHandler } from "#api/rollout/send-metrics.ts";
import { getTrafficHandler } from "#api/rollout/get-traffic.ts";
import { listRunbooksHandler } from "#api/plan/list-runbooks.ts";
import { startRunHandler } from "#api/plan/start-run.ts";
import { getRunbookHandler } from "#api/plan/get-runbook.ts";
import { listResourcesHandler } from "#api/plan/list-resources.ts";
import { arbitrateReservationHandler } from "#api/plan/arbitrate-reservation.ts";
import { extendReservationHandler } from "#api/plan/extend-reservation.ts";
import { forecastSequenceHandler } from "#api/plan/forecast-sequence.ts";
import { listSequencesHandler } from "#api/plan/list-sequences.ts";
import { listContentionsHandler } from "#api/plan/list-contentions.ts";
import { listReservationsHandler } from "#api/plan/list-reservations.ts";
import { getWayBackHandler } from "#api/rollback/get-way-back.ts";
import { askDecisionHandler } from "#api/rollback/ask-decision.ts";
import { decideOnSessionsHandler } from "#api/rollback/decide-on-sessions.ts";
import { sayOnDecisionHandler } from "#api/rollback/say-on-decision.ts";
import { listRollbackDecisionsHandler } from "#api/rollback/list-rollback-decisions.ts";
import { rehearseHandler } from "#api/rollback/rehearse.ts";
import { listRehearsalsHandler } from "#api/rollback/list-rehearsals.ts";
import { releaseReservationHandler } from "#api/plan/release-reservation.ts";
import { reserveHandler } from "#api/plan/reserve.ts";
import { listRunsHandler } from "#api/plan/list-runs.ts";
import { listTasksHandler } from "#api/plan/list-tasks.ts";
import { noteOnRunHandler } from "#api/plan/note-on-run.ts";
import { overseeRunHandler } from "#api/plan/oversee-run.ts";
import { getRunHandler } from "#api/plan/get-run.ts";
import { decideStepHandler } from "#api/plan/decide-step.ts";
import { listMessagesHandler } from "#api/plan/list-messages.ts";
import { readRunFileHandler } from "#api/plan/read-run-file.ts";
import { signStepHandler } from "#api/plan/sign-step.ts";
import { answerTaskHandler } from "#api/plan/answer-task.ts";
import { turnRunBackHandler } from "#api/plan/turn-run-back.ts";
import { handOverRunHandler } from "#api/plan/hand-over-run.ts";
import { rollBackDeploymentHandler } from "#api/rollout/roll-back-deployment.ts";
import { approveEmergencyHandler } from "#api/exemption/approve-emergency.ts";
import { approveExemptionHandler } from "#api/exemption/approve-exemption.ts";
import { exportRegisterHandler } from "#api/exemption/export-register.ts";
import { getEmergencyHandler } from "#api/exemption/get-emergency.ts";
import { getExemptionHandler } from "#api/exemption/get-exemption.ts";
import { listAnnouncementsHandler } from "#api/exemption/list-announcements.ts";
import { listDebtsHandler } from "#api/exemption/list-debts.ts";
import { listEmergenciesHandler } from "#api/exemption/list-emergencies.ts";
import { listExemptionsHandler } from "#api/exemption/list-exemptions.ts";
import { listExemptionTypesHandler } from "#api/exemption/list-exemption-types.ts";
import { listOverridesHandler } from "#api/exemption/list-overrides.ts";
import { openEmergencyHandler } from "#api/exemption/open-emergency.ts";
import { overrideFindingHandler } from "#api/exemption/override-finding.ts";
import { payDebtHandler } from "#api/exemption/pay-debt.ts";
import { requestExemptionHandler } from "#api/exemption/request-exemption.ts";
import { revokeExemptionHandler } from "#api/exemption/revoke-exemption.ts";
import { examineHandler } from "#api/runtime/examine.ts";
import { readClockHandler } from "#api/runtime/read-clock.ts";
import { setClockHandler } from "#api/runtime/set-clock.ts";
import { forecastWavesHandler } from "#api/waves/forecast-waves.ts";
import { listWavePlansHandler } from "#api/waves/list-wave-plans.ts";
import { startWavesHandler } from "#api/waves/start-waves.ts";

/** Exactly one handler per operation of the contract; a test compares with the folders. */
export const handlers: Readonly<Record<Operation, Handler>> = {
  listBusinessCalendars: listBusinessCalendarsHandler,
  importBusinessCalendar: importBusinessCalendarHandler,
  listReflows: listReflowsHandler,
  decideReflow: decideReflowHandler,
  createFeed: createFeedHandler,
  listFeeds: listFeedsHandler,
  revokeFeed: revokeFeedHandler,
  adviseSlots: adviseSlotsHandler,
  recordLoadProfiles: recordLoadProfilesHandler,
  readSlots: readSlotsHandler,
  proposeSlot: proposeSlotHandler,
  acceptSlot: acceptSlotHandler,
  withdrawSlot: withdrawSlotHandler,
  askCover: askCoverHandler,
  importRota: importRotaHandler,
  listRotas: listRotasHandler,
  swapShift: swapShiftHandler,
  withdrawSwap: withdrawSwapHandler,
  createToken: createTokenHandler,
  logIn: logInHandler,
  logOut: logOutHandler,
  revokeToken: revokeTokenHandler,
  whoAmI: whoAmIHandler,
  decideApproval: decideApprovalHandler,
  listInbox: listInboxHandler,
  exportAudit: exportAuditHandler,
  listAudit: listAuditHandler,
  applyConfiguration: applyConfigurationHandler,
  diffConfiguration: diffConfigurationHandler,
  exportConfiguration: exportConfigurationHandler,
  getService: getServiceHandler,
  askVerdict: askVerdictHandler,
  outlineVerdict: outlineVerdictHandler,
  listNotices: listNoticesHandler,
  listPolicies: listPoliciesHandler,
  showPolicy: showPolicyHandler,
  listPolicyCases: listPolicyCasesHandler,
  backTestPolicies: backTestPoliciesHandler,
  readTimetable: readTimetableHandler,
  readOverview: readOverviewHandler,
  previewCalendar: previewCalendarHandler,
  lintCalendar: lintCalendarHandler,
  getDeployment: getDeploymentHandler,
  getMatrix: getMatrixHandler,
  listDeployments: listDeploymentsHandler,
  registerArtifact: registerArtifactHandler,
  reportEvidence: reportEvidenceHandler,
  reportVerification: reportVerificationHandler,
  reportTicket: reportTicketHandler,
  reportErrorBudget: reportErrorBudgetHandler,
  reportRiskScore: reportRiskScoreHandler,
  reportBackup: reportBackupHandler,
  reportRestore: reportRestoreHandler,
  reportSignal: reportSignalHandler,
  listReporters: listReportersHandler,
  listReports: listReportsHandler,
  requestExemption: requestExemptionHandler,
  approveExemption: approveExemptionHandler,
  revokeExemption: revokeExemptionHandler,
  listExemptions: listExemptionsHandler,
  listExemptionTypes: listExemptionTypesHandler,
  getExemption: getExemptionHandler,
  exportRegister: exportRegisterHandler,
  overrideFinding: overrideFindingHandler,
  listOverrides: listOverridesHandler,
  openEmergency: openEmergencyHandler,
  approveEmergency: approveEmergencyHandler,
  getEmergency: getEmergencyHandler,
  listEmergencies: listEmergenciesHandler,
  listDebts: listDebtsHandler,
  payDebt: payDebtHandler,
  listAnnouncements: listAnnouncementsHandler,
  placeHold: placeHoldHandler,
  liftHold: liftHoldHandler,
  listHolds: listHoldsHandler,
  stopAll: stopAllHandler,
  resumeAll: resumeAllHandler,
  listStops: listStopsHandler,
  askGate: askGateHandler,
  getGate: getGateHandler,
  listGates: listGatesHandler,
  claimGateToken: claimGateTokenHandler,
  redeemGate: redeemGateHandler,
  reportGateResult: reportGateResultHandler,
  cancelGate: cancelGateHandler,
  checkLease: checkLeaseHandler,
  listViolations: listViolationsHandler,
  createCallback: createCallbackHandler,
  listCallbacks: listCallbacksHandler,
  removeCallback: removeCallbackHandler,
  createHook: createHookHandler,
  listHooks: listHooksHandler,
  rotateHook: rotateHookHandler,
  removeHook: removeHookHandler,
  listHookDeliveries: listHookDeliveriesHandler,
  replayHookDelivery: replayHookDeliveryHandler,
  requestDeployment: requestDeploymentHandler,
  abortDeployment: abortDeploymentHandler,
  decideHeld: decideHeldHandler,
  getTraffic: getTrafficHandler,
  getCanary: getCanaryHandler,
  getLiveWatch: getLiveWatchHandler,
  checkInOnWatch: checkInOnWatchHandler,
  endLiveWatch: endLiveWatchHandler,
  getCriteria: getCriteriaHandler,
  getRunCriteria: getRunCriteriaHandler,
  sendMetrics: sendMetricsHandler,
  sendLogs: sendLogsHandler,
  rollBackDeployment: rollBackDeploymentHandler,
  listRunbooks: listRunbooksHandler,
  listWavePlans: listWavePlansHandler,
  forecastWaves: forecastWavesHandler,
  startWaves: startWavesHandler,
  startRun: startRunHandler,
  listRuns: listRunsHandler,
  getRun: getRunHandler,
  answerTask: answerTaskHandler,
  decideStep: decideStepHandler,
  signStep: signStepHandler,
  readRunFile: readRunFileHandler,
  listMessages: listMessagesHandler,
  turnRunBack: turnRunBackHandler,
  handOverRun: handOverRunHandler,
  overseeRun: overseeRunHandler,
  noteOnRun: noteOnRunHandler,
  listTasks: listTasksHandler,
  listResources: listResourcesHandler,
  listSequences: listSequencesHandler,
  forecastSequence: forecastSequenceHandler,
  listContentions: listContentionsHandler,
  reserve: reserveHandler,
  extendReservation: extendReservationHandler,
  releaseReservation: releaseReservationHandler,
  arbitrateReservation: arbitrateReservationHandler,
  chooseStrategy: chooseStrategyHandler,
  listReservations: listReservationsHandler,
  getWayBack: getWayBackHandler,
  askDecision: askDecisionHandler,
  decideOnSessions: decideOnSessionsHandler,
  sayOnDecision: sayOnDecisionHandler,
  listRollbackDecisions: listRollbackDecisionsHandler,
  rehearse: rehearseHandler,
  listRehearsals: listRehearsalsHandler,
  getRunbook: getRunbookHandler,
  examine: examineHandler,
  readClock: readClockHandler,
  setClock: setClockHandler,
};
