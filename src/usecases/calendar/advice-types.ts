import type { Slot } from "#core/calendar/advice/advise.ts";
import type { Reason } from "#core/calendar/advice/reasons.ts";
import type { Risk } from "#core/calendar/advice/risk.ts";
import type { DeploymentId } from "#core/id.ts";
import type { AgreedSlot } from "#core/policy/facts.ts";
import type { SlotAdvice } from "#core/policy/slot-advice.ts";
import type { Finding } from "#core/policy/finding.ts";
import type { Span } from "#core/span.ts";
import type { LoadProfileText } from "#config/state-cover.ts";

export interface AdviceQuestion {
  readonly service: string;
  readonly version: string;
  readonly environment: string;
  /** null: that of the service's tier. */
  readonly risk: Risk | null;
  /** null: from now on. */
  readonly since: Temporal.Instant | null;
  /** null: to the end of the horizon. */
  readonly until: Temporal.Instant | null;
}

export interface Advice extends SlotAdvice {
  readonly at: Temporal.Instant;
  readonly zone: string;
}

/** A position in a negotiation about the slot of a booking: proposed, accepted or withdrawn; kept for ever. */
export interface SlotPosition {
  readonly id: string;
  readonly deployment: DeploymentId;
  readonly kind: "proposed" | "accepted" | "withdrawn";
  /** The proposal that is meant; its own id for a proposal. */
  readonly proposal: string;
  readonly person: string;
  readonly at: Temporal.Instant;
  readonly reason: string | null;
  readonly from: Temporal.Instant;
  readonly to: Temporal.Instant;
  readonly score: number;
  readonly reasons: readonly Reason[];
  /** Score less that of the planned start before it; null when that one lay in no opening. */
  readonly delta: number | null;
}

export interface Negotiation {
  readonly deployment: DeploymentId;
  /** Where the booking stands in the calendar now. */
  readonly planned: Span;
  /** The planned start scored by the same function; null when it lies in no opening. */
  readonly plannedSlot: Slot | null;
  readonly agreed: AgreedSlot | null;
  readonly positions: readonly SlotPosition[];
}

/** A slot in which not every rule passes, with what stands in its way there. */
export interface ClosedSlot {
  readonly code: "slot-not-open";
  readonly obstacles: readonly Finding[];
}

/** Why there is nothing to negotiate about. */
export interface TalkRefusal {
  readonly code: "no-such-deployment" | "already-ended" | "already-started" | "too-many-positions";
}

export type ProposeRefusal = TalkRefusal | ClosedSlot;
export type AcceptRefusal = ProposeRefusal | { readonly code: "no-such-slot" | "slot-withdrawn" | "own-proposal" };
export type WithdrawRefusal = TalkRefusal | { readonly code: "no-such-slot" | "slot-withdrawn" | "not-your-slot" };

/** Why a load profile was not recorded. */
export type ProfileRefusal =
  | { readonly code: "invalid-configuration"; readonly problems: readonly ProfileProblem[] }
  | { readonly code: "no-such-service" | "no-such-environment"; readonly name: string };

export interface ProfileProblem {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
  readonly excerpt: string;
}

export interface ProfileRecords {
  /** True when it differs from the one in force. */
  readonly record: (profile: LoadProfileText, at: Temporal.Instant, by: string) => Promise<boolean>;
}

export interface NegotiationRecords {
  readonly append: (position: SlotPosition) => Promise<void>;
  readonly positions: (deployment: DeploymentId) => Promise<readonly SlotPosition[]>;
  readonly planned: (deployment: DeploymentId) => Promise<Span | null>;
}
