import type { Pool } from "pg";
import type { Deployer } from "#connectors/port.ts";
import { newId } from "#runtime/ids.ts";
import type { Log } from "#runtime/log.ts";
import { pruneDeliveries } from "#store/callback.ts";
import { pruneHookDeliveries } from "#store/hook.ts";
import type { SweepViews } from "#store/sweep-views.ts";
import { makeFindViolations } from "#usecases/release/find-violations.ts";
import type { Records } from "#usecases/records.ts";
import type { Views } from "#usecases/views.ts";
import type { FlowStarter } from "#workflows/flow.ts";
import { gateTurns } from "#main/bind-gates.ts";
import { admitDeps, startRunWith } from "#main/bind-operations.ts";
import type { Binding } from "#main/bind-records.ts";
import type { DomainClock } from "#main/domain-clock.ts";
import type { GateSettings } from "#main/settings.ts";
import { loop, type Sweep } from "#main/sweep.ts";

export interface GateSweepParts {
  readonly pool: Pool;
  readonly binding: Binding;
  readonly clock: DomainClock;
  readonly deployer: Deployer;
  readonly log: Log;
  readonly views: Pick<Views, "people">;
  readonly sweepViews: Pick<SweepViews, "recorded">;
  readonly settings: GateSettings;
  readonly onHint: (call: () => void) => void;
}

/** Webhooks and callbacks are looked for this often; storing one is a hint that comes earlier. */
const messagesEveryMs = 1_000;
const lapseEveryMs = 5_000;
/** A change that nothing allowed is on record within a minute: four turns. */
const violationsEveryMs = 15_000;
const pruneEveryMs = 60 * 60 * 1000;
/** GitHub redelivers for three days; a month serves a replay after a holiday. */
const keepDeliveriesDays = 30;

/** The sweeps that gates need on every worker. */
export function gateSweeps(parts: GateSweepParts, starter: FlowStarter<Records>): readonly Sweep[] {
  const { pool, binding, clock, log, views, sweepViews, deployer, settings, onHint } = parts;
  const { transact } = binding;
  const now = clock.now;
  const admitting = admitDeps(now, startRunWith(starter));
  const turns = gateTurns({ pool, transact, now, views, admitting, settings, log });
  const findViolations = makeFindViolations({
    now,
    transact,
    deployer,
    recorded: sweepViews.recorded,
    newViolationId: () => newId("violation"),
  });
  const prune = async (): Promise<void> => {
    await pruneDeliveries(pool, keepDeliveriesDays);
    await pruneHookDeliveries(pool, keepDeliveriesDays);
  };
  const unhinted = (): void => undefined;
  return [
    loop(async () => void (await turns.handleHooks()), messagesEveryMs, log, onHint),
    loop(async () => void (await turns.deliver()), messagesEveryMs, log, onHint),
    loop(async () => void (await turns.lapse()), lapseEveryMs, log, unhinted),
    loop(async () => void (await findViolations()), violationsEveryMs, log, unhinted),
    loop(prune, pruneEveryMs, log, unhinted),
  ];
}
