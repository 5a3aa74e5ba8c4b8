import { newId } from "#runtime/ids.ts";
import { err, ok } from "#core/result.ts";
import type { GateOperations, GateView } from "#usecases/release/gate-types.ts";
import type { HookDelivery, HookOperations, HookSource } from "#usecases/release/hook-types.ts";

const at = Temporal.Instant.from("2026-03-25T08:00:00Z");
const digest = `sha256:${"a".repeat(64)}`;

export const fakeGateId = `gat_${"0".repeat(32)}`;
export const fakeDeliveryId = `hkd_${"0".repeat(32)}`;
export const fakeLease = `tgl_${"0".repeat(32)}_${"0".repeat(64)}`;
export const fakeGateToken = `tgg_${"0".repeat(32)}_${"0".repeat(64)}`;

function viewOf(state: "waiting" | "queued" | "running" | "succeeded" | "cancelled"): GateView {
  return {
    gate: {
      id: fakeGateId,
      deployment: newId("deployment"),
      account: "developer-bot",
      externalRun: "jenkins:cart/42",
      externalUrl: null,
      whenDenied: "end",
      callback: null,
      token: { hash: null, binding: null, issuedAt: null, expiresAt: null, usedAt: null, void: null },
      lease: null,
      result: null,
    },
    deployment: {
      id: newId("deployment"),
      booking: newId("booking"),
      subject: {
        service: "checkout-api",
        version: "5.0.1",
        environment: "prod-emea",
        action: "deploy",
        class: "normal",
        invoker: "automation",
        requestedBy: "developer",
        contentDigest: digest,
        onBehalfOf: null,
      },
      digest,
      contentDigest: digest,
      state,
      whenBlocked: "wait",
      verdict: null,
      nextCheckAt: state === "waiting" ? at.add({ minutes: 5 }) : null,
      requestedAt: at,
      startedAt: state === "running" ? at : null,
      endedAt: state === "succeeded" || state === "cancelled" ? at : null,
      control: null,
      fence: 1,
      percent: 0,
      outcome: null,
      abortRequestedBy: null,
      requestKey: null,
      run: fakeGateId,
      held: null,
    },
    verdict: null,
  };
}

/** One gate; `done` hears the name of every operation that changes something. */
export function fakeGates(done: (operation: string) => Promise<void>): GateOperations {
  const token = { text: fakeGateToken, expiresAt: at.add({ minutes: 15 }), binding: digest };
  return {
    async ask({ service }) {
      await done("askGate");
      if (service === "nothing") return err("no-such-service");
      if (service === "closed") return ok({ view: viewOf("waiting"), token: null });
      return ok({ view: viewOf("queued"), token });
    },
    show: async (id) => (id === fakeGateId ? viewOf("waiting") : null),
    list: async () => ({ items: [viewOf("waiting")], next: null }),
    async claim(id) {
      await done("claimGateToken");
      return id === fakeGateId ? ok({ view: viewOf("queued"), token }) : err("no-such-gate");
    },
    async redeem({ id, token: shown }) {
      await done("redeemGate");
      if (id !== fakeGateId) return err({ code: "no-such-gate" });
      if (shown !== fakeGateToken) return err({ code: "bad-token", reason: "it is another one" });
      return ok({ view: viewOf("running"), lease: fakeLease, fence: 1, expiresAt: at });
    },
    async report({ id, lease }) {
      await done("reportGateResult");
      if (id !== fakeGateId) return err("no-such-gate");
      return lease === fakeLease ? ok(viewOf("succeeded")) : err("bad-lease");
    },
    async cancel({ id }) {
      await done("cancelGate");
      return id === fakeGateId ? ok(viewOf("cancelled")) : err("no-such-gate");
    },
    checkLease: async () => null,
    listViolations: async () => ({
      items: [
        {
          id: newId("violation"),
          service: "checkout-api",
          environment: "prod-emea",
          seen: { version: "6.6.6", digest },
          recorded: { version: "5.0.1", digest },
          firstSeenAt: at,
          lastSeenAt: at,
          endedAt: null,
        },
      ],
      next: null,
    }),
  };
}

const hook: HookSource = {
  name: "jenkins",
  scheme: "jenkins",
  account: "operator-bot",
  services: {},
  environments: {},
  createdBy: "operator",
  createdAt: at,
  formerUntil: null,
};
const callback = {
  id: newId("callback"),
  name: "jenkins",
  url: "https://ci.example.org/",
  createdBy: "operator",
  createdAt: at,
  waiting: 0,
  givenUp: 0,
  lastFailure: null,
};
const delivery: HookDelivery = {
  id: fakeDeliveryId,
  source: "jenkins",
  delivery: "1",
  event: "jenkins",
  receivedAt: at,
  state: "done",
  attempts: 1,
  handledAt: at,
  sentence: "It was done.",
  gate: null,
  bytes: 2,
};

/** One hook and one callback of the name `jenkins`; every message to the hook is believed. */
export function fakeHooks(done: (operation: string) => Promise<void>): HookOperations {
  const secret = "secret";
  return {
    async createCallback(input) {
      await done("createCallback");
      return input.name === "taken" ? err({ code: "name-taken" }) : ok({ callback: { ...callback, ...input }, secret });
    },
    listCallbacks: async () => [callback],
    async removeCallback(name) {
      await done("removeCallback");
      return name === "jenkins" ? ok(callback) : err("no-such-callback");
    },
    async createHook(input) {
      await done("createHook");
      return input.name === "taken" ? err("name-taken") : ok({ hook: { ...hook, ...input }, secret });
    },
    listHooks: async () => [hook],
    async rotateHook(name) {
      await done("rotateHook");
      return name === "jenkins" ? ok({ hook, secret }) : err("no-such-hook");
    },
    async removeHook(name) {
      await done("removeHook");
      return name === "jenkins" ? ok(hook) : err("no-such-hook");
    },
    async receive({ source }) {
      if (source !== "jenkins") return err("unknown-source");
      await done("receiveHook");
      return ok({ id: fakeDeliveryId, isRepeated: false });
    },
    deliveries: async () => ({ items: [delivery], next: null }),
    async replay(id) {
      await done("replayHookDelivery");
      return id === fakeDeliveryId ? ok(delivery) : err("no-such-delivery");
    },
  };
}
