import type { Sequence } from "#core/release/sequence.ts";
import { err, ok } from "#core/result.ts";
import type { SequenceOperations } from "#usecases/plan/sequences.ts";

const at = Temporal.Instant.from("2026-03-25T08:00:00Z");
const soak = Temporal.Duration.from({ hours: 24 });
const release = { name: "ledger", service: "ledger-core", versions: ">=4.2.0", after: [], soak };
const sequence: Sequence = { name: "new-ledger", owner: "payments", environments: ["prod-*"], releases: [release] };

/** One sequence, of which one release is booked. */
export function fakeSequences(): SequenceOperations {
  return {
    listSequences: async () => [sequence],
    async forecastSequence(name, environment) {
      if (name !== sequence.name) return err("no-such-sequence");
      if (environment !== "prod-emea") return err("sequence-not-there");
      const releases = [{ release, state: "booked" as const, liveAt: at, readyAt: at.add(soak), isCritical: true }];
      return ok({ sequence, environment, at, releases });
    },
  };
}
