/**
 * What a run over all seeds must have met. A simulation that never gets into trouble proves nothing, so whoever changes
 * the generator and loses one of these is told.
 */
export const situations = [
  // Faults of processes and connections.
  "crash-before",
  "crash-after",
  "lost-before",
  "lost-after",
  "commit-reply-lost",
  "paused",
  "zombie-woke",
  "zombie-refused",
  "run-taken-over",
  "restarted",
  "clock-jump",
  // What transactions do to each other.
  "blocked",
  "conflict",
  // Targets.
  "target-applied",
  "target-replayed",
  "call-slow",
  "call-hang",
  "call-answer-lost",
  "call-arrives-later",
  "call-unavailable",
  "call-no-for-good",
  "call-lie",
  "fleet-unreachable",
  "fleet-lost-answer",
  "fleet-garbage",
  // Clients.
  "asked-twice-at-once",
  "asked-again-after-loss",
  "refused-already-answered",
  "refused-already-turned",
  "webhook-repeated",
  "configuration-changed",
  // States of the product.
  "run-succeeded",
  "run-failed",
  "run-aborted",
  "run-rolled-back",
  "run-needs-human",
  "run-turned-by-itself",
  "step-queued",
  "step-skipped-late",
  "step-cancelled",
  "task-timed-out",
  "late-answer",
  "deployment-succeeded",
  "deployment-back",
  "deployment-waiting",
  "deployment-approved",
  "hold-in-the-way",
] as const;
