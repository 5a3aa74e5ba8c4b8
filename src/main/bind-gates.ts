import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Pool } from "pg";
import { gitHubAnswerer } from "#connectors/github/connector.ts";
import { readHook } from "#connectors/hooks/read-hook.ts";
import type { RuleAnswerer } from "#connectors/port.ts";
import { err, ok } from "#core/result.ts";
import { systemClock } from "#runtime/clock.ts";
import { newId } from "#runtime/ids.ts";
import type { Log } from "#runtime/log.ts";
import { parseAddress } from "#runtime/safe-fetch.ts";
import { safePost } from "#runtime/safe-post.ts";
import { secrets } from "#runtime/secrets.ts";
import { newHookSecret, newStandardSecret, signStandard, verifyWebhook } from "#runtime/webhook-signature.ts";
import { callbackStore, deliveryStore } from "#store/callback.ts";
import { gatesBefore } from "#store/gate.ts";
import { hookStore } from "#store/hook.ts";
import { readSnapshot } from "#store/sql.ts";
import { violationsBefore } from "#store/violation.ts";
import type { Transact } from "#usecases/records.ts";
import type { AdmitDeps } from "#usecases/release/admit.ts";
import { makeAskGate } from "#usecases/release/ask-gate.ts";
import { makeCallbackEndpoints } from "#usecases/release/callback-endpoints.ts";
import { makeClaimGate, viewOf } from "#usecases/release/claim-gate.ts";
import { makeConfirmGate } from "#usecases/release/confirm-gate.ts";
import { makeDeliverCallbacks } from "#usecases/release/deliver-callbacks.ts";
import {
  makeCancelGate,
  makeCheckLease,
  makeEndRun,
  makeLapseGates,
  makeReportResult,
  makeShowGate,
} from "#usecases/release/end-gate.ts";
import type { GateOperations } from "#usecases/release/gate-types.ts";
import { makeHandleHooks } from "#usecases/release/handle-hooks.ts";
import type { HookOperations } from "#usecases/release/hook-types.ts";
import { makeHookSources, makeReceiveHook } from "#usecases/release/receive-hook.ts";
import { makeRedeemGate } from "#usecases/release/redeem-gate.ts";
import type { Views } from "#usecases/views.ts";
import type { GateSettings } from "#main/settings.ts";

/** The gate protocol, on the same way in as every deployment. */
export function bindGates(pool: Pool, transact: Transact, admitting: AdmitDeps): GateOperations {
  const deps = { ...admitting, transact, secrets };
  return {
    ask: makeAskGate({ ...deps, newGateId: () => newId("gate") }),
    show: makeShowGate(deps),
    claim: makeClaimGate(deps),
    redeem: makeRedeemGate({ ...deps, newLeaseId: () => newId("lease") }),
    report: makeReportResult(deps),
    cancel: makeCancelGate(deps),
    checkLease: makeCheckLease(deps),
    list: async (asked) => {
      const { items, next } = await readSnapshot(pool, (client) => gatesBefore(client, asked));
      const views = await transact(async (records) => {
        const found = [];
        for (const { id } of items) found.push(await viewOf(records, id));
        return found;
      });
      return { items: views, next };
    },
    listViolations: (asked) => readSnapshot(pool, (client) => violationsBefore(client, asked)),
  };
}

export interface HookParts {
  readonly pool: Pool;
  readonly transact: Transact;
  readonly now: () => Temporal.Instant;
  readonly views: Pick<Views, "people">;
}

/** Webhooks in, and the places that they are answered to. */
export function bindHooks({ pool, transact, now, views }: HookParts): HookOperations {
  const receiving = {
    now,
    transact,
    hooks: hookStore(pool),
    // A message is new or old by the time of the world, whatever the domain clock shows.
    verify: (...shown: Parameters<Parameters<typeof makeReceiveHook>[0]["verify"]>) =>
      verifyWebhook(...shown, nowSeconds()),
    digestOf: (bytes: Uint8Array) => `sha256:${hash("sha256", bytes, "hex")}`,
    makeSecret: newHookSecret,
    accountsOf: async (person: string) => (await views.people()).get(person)?.accounts.map(({ name }) => name) ?? [],
    newDeliveryId: () => newId("hookDelivery"),
  };
  return {
    ...makeCallbackEndpoints({
      now,
      transact,
      callbacks: callbackStore(pool),
      flawOf,
      makeSecret: newStandardSecret,
      newCallbackId: () => newId("callback"),
    }),
    ...makeHookSources(receiving),
    receive: makeReceiveHook(receiving),
  };
}

function flawOf(url: string): string | null {
  const read = parseAddress(url);
  return read.ok ? null : read.error.message;
}

function nowSeconds(): number {
  return Math.floor(systemClock.now().epochMilliseconds / 1000);
}

export interface GateTurnParts extends HookParts {
  readonly admitting: AdmitDeps;
  readonly settings: GateSettings;
  readonly log: Log;
}

/** What a worker does again and again for gates: handle webhooks, tell callers, end what nobody ends. */
export function gateTurns(parts: GateTurnParts): {
  readonly handleHooks: () => Promise<number>;
  readonly deliver: () => Promise<number>;
  readonly lapse: () => Promise<number>;
} {
  const { pool, transact, now, views, admitting, settings, log } = parts;
  const ending = { now, transact, secrets };
  const { ask } = bindGates(pool, transact, admitting);
  const confirm = makeConfirmGate({ ...admitting, transact, secrets });
  return {
    handleHooks: makeHandleHooks({
      hooks: hookStore(pool),
      read: readHook,
      people: () => views.people(),
      gates: { ask, endRun: makeEndRun(ending) },
      report: (delivery, error) => log.error({ delivery, error: String(error) }, "a webhook could not be handled"),
    }),
    deliver: makeDeliverCallbacks({
      deliveries: deliveryStore(pool),
      confirm,
      post: async (url, message) => {
        const headers = signStandard(message, nowSeconds());
        const sent = await safePost(url, message.body, { allow: settings.callbackAllow, headers });
        if (sent.ok) return ok(undefined);
        // Gone for good, says the receiver; everything else may pass.
        const retry = sent.error.status === 410 || sent.error.code === "bad-address" ? "never" : "later";
        return err({ code: sent.error.code, message: sent.error.message, retry });
      },
      gitHub: gitHubOf(settings),
      report: (delivery, failure) => log.warn({ delivery, failure }, "a callback was given up"),
    }),
    lapse: makeLapseGates(ending),
  };
}

function gitHubOf({ gitHub }: GateSettings): RuleAnswerer | null {
  if (gitHub === null) return null;
  const { keyFile, ...rest } = gitHub;
  return gitHubAnswerer({ ...rest, privateKey: readFileSync(keyFile, "utf8") }, nowSeconds);
}
