/** The reports of a source of facts that keeps none: what could be reported counts as fine, nothing is on hold. */
export const noReports = {
  policies: [],
  holds: [],
  stops: [],
  evidence: "assumed",
  verifications: "assumed",
  tickets: "assumed",
  errorBudget: "assumed",
  riskScore: "assumed",
  exposure: [],
  passed: "assumed",
  usage: [],
  exemptions: [],
  overrides: [],
  emergency: null,
  debts: [],
} as const;
