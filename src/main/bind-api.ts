import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { createMetrics } from "#api/metrics.ts";
import { defaultLimits, type ApiDeps, type ApiSettings } from "#api/deps.ts";
import { loadStaticFiles, type StaticFiles } from "#api/static-files.ts";
import { auditRoot } from "#core/audit/verify.ts";
import { zoneData } from "#runtime/digest.ts";
import type { Log } from "#runtime/log.ts";
import { isTransient } from "#store/sql.ts";
import type { Operations } from "#usecases/operations.ts";
import type { CalendarFaces } from "#usecases/calendar/timetable-faces.ts";
import type { BusinessOperations } from "#usecases/calendar/import-operations.ts";
import type { ExemptionOperations } from "#usecases/exemption/exemption-operations.ts";
import type { GateOperations } from "#usecases/release/gate-types.ts";
import type { HookOperations } from "#usecases/release/hook-types.ts";
import type { IntakeOperations } from "#usecases/release/intake-operations.ts";
import type { StepOperations } from "#usecases/plan/step-operations.ts";
import type { PlanOperations } from "#usecases/plan/plan-operations.ts";
import type { PolicyOperations } from "#usecases/policy/policy-operations.ts";
import type { WatchOperations } from "#usecases/rollout/watch-operations.ts";
import type { RollbackOperations } from "#usecases/rollback/rollback-operations.ts";
import type { ReservationOperations } from "#usecases/plan/reservation-operations.ts";
import type { StrategyOperations } from "#usecases/rollout/choose-strategy.ts";
import type { SequenceOperations } from "#usecases/plan/sequences.ts";
import type { WaveOperations } from "#usecases/waves/wave-operations.ts";
import type { Views } from "#usecases/views.ts";
import { bindAccess } from "#main/bind-access.ts";
import { bindIdempotency } from "#main/bind-idempotency.ts";
import type { EventFeed } from "#store/event-feed.ts";
import { healthOf, type HealthDeps } from "#main/health.ts";
import type { ServerSettings } from "#main/settings.ts";

export interface ApiParts extends HealthDeps {
  readonly settings: ServerSettings;
  readonly operations: Operations;
  readonly views: Views;
  readonly calendar: CalendarFaces;
  readonly business: BusinessOperations;
  readonly intake: IntakeOperations;
  readonly gates: GateOperations;
  readonly hooks: HookOperations;
  readonly exemptions: ExemptionOperations;
  readonly policies: PolicyOperations;
  readonly plans: PlanOperations & StepOperations;
  readonly waves: WaveOperations;
  readonly reservations: ReservationOperations;
  readonly rollback: RollbackOperations;
  readonly watches: WatchOperations;
  readonly sequences: SequenceOperations;
  readonly strategies: StrategyOperations;
  readonly events: EventFeed;
  readonly log: Log;
  readonly stopping: AbortSignal;
}

export const root = path.resolve(import.meta.dirname, "../..");

export async function bindApi(parts: ApiParts): Promise<ApiDeps> {
  const { settings, clock, database, events } = parts;
  return {
    operations: parts.operations,
    views: parts.views,
    calendar: parts.calendar,
    business: parts.business,
    intake: parts.intake,
    gates: parts.gates,
    hooks: parts.hooks,
    exemptions: parts.exemptions,
    policies: parts.policies,
    plans: parts.plans,
    waves: parts.waves,
    reservations: parts.reservations,
    rollback: parts.rollback,
    watches: parts.watches,
    sequences: parts.sequences,
    strategies: parts.strategies,
    access: bindAccess(database.pool, parts.views),
    idempotency: bindIdempotency(database.pool, parts.stopping, parts.log),
    events: events.follow,
    clock: {
      now: clock.now,
      shiftMs: clock.shiftMs,
      settable: settings.settableClock,
      zoneData: zoneData(),
      set: (to, call) => clock.set(to, call.actor.person),
    },
    auditRoot: (entries) => auditRoot(entries, sha256),
    health: healthOf(parts),
    isPassing: isTransient,
    metrics: createMetrics(),
    log: parts.log,
    web: await pages(),
    stopping: parts.stopping,
    settings: {
      ...reachedAt(settings),
      version: productVersion(),
      limits: defaultLimits,
      checkAnswers: false,
    },
  };
}

/**
 * Where the server may be asked from. Behind TLS the cookie is Secure and browsers are told to stay on TLS; on loopback
 * neither would work.
 */
function reachedAt({
  host,
  port,
  publicUrl,
  allowedHosts,
}: ServerSettings): Pick<ApiSettings, "allowedHosts" | "origins" | "secure"> {
  const local = [`${host}:${port}`, `localhost:${port}`, `127.0.0.1:${port}`];
  return {
    allowedHosts: [...local, ...(publicUrl === null ? [] : [new URL(publicUrl).host]), ...allowedHosts],
    origins: publicUrl === null ? local.map((address) => `http://${address}`) : [publicUrl],
    secure: publicUrl?.startsWith("https:") ?? false,
  };
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

/** The built pages; null in an installation without them. */
async function pages(): Promise<StaticFiles | null> {
  try {
    return await loadStaticFiles(path.join(root, "dist", "web"));
  } catch {
    return null;
  }
}

export function productVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  return z.object({ version: z.string() }).parse(parsed).version;
}
