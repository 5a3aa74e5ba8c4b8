import type { ServicePlace } from "#core/catalog/place.ts";
import type { GateResult } from "#core/release/gate.ts";
import { endpointFor } from "./callback.ts";
import {
  callGateAt,
  deniedGates,
  findGate,
  findGateByLease,
  findGateForUpdate,
  gatesInRun,
  holdFacts,
  insertGate,
  issueGateToken,
  lapsedGates,
  newestFactAt,
  noteGateResult,
  tellGateAgain,
  unclaimedGates,
  useGateToken,
  voidGateToken,
  type StoredGate,
} from "./gate.ts";
import type { Queryable } from "./sql.ts";
import { endViolation, insertViolation, seeViolationAgain, openViolations, type StoredViolation } from "./violation.ts";

/** Gates and violations, in the transaction of `client`. */
export interface GateRecords {
  readonly gates: {
    readonly insert: (gate: StoredGate) => Promise<void>;
    readonly find: (id: string) => Promise<StoredGate | null>;
    readonly findForUpdate: (id: string) => Promise<StoredGate | null>;
    readonly inRun: (
      account: string,
      run: string,
      target: Parameters<typeof gatesInRun>[3],
    ) => Promise<readonly StoredGate[]>;
    readonly callTo: (id: string, callback: NonNullable<StoredGate["callback"]>) => Promise<void>;
    readonly tellAgain: (id: string) => Promise<void>;
    readonly findByLease: (lease: string) => Promise<StoredGate | null>;
    readonly issueToken: (id: string, token: Parameters<typeof issueGateToken>[2]) => Promise<boolean>;
    readonly voidToken: (id: string, reason: string) => Promise<void>;
    readonly useToken: (id: string, at: Temporal.Instant, lease: NonNullable<StoredGate["lease"]>) => Promise<boolean>;
    readonly noteResult: (id: string, result: GateResult) => Promise<void>;
    readonly lapsed: (now: Temporal.Instant, limit: number) => Promise<readonly StoredGate[]>;
    readonly denied: (limit: number) => Promise<readonly StoredGate[]>;
    readonly unclaimed: (since: Temporal.Instant, limit: number) => Promise<readonly StoredGate[]>;
    readonly holdFacts: () => Promise<void>;
    readonly newestFactAt: () => Promise<Temporal.Instant | null>;
    readonly endpointFor: (url: string) => Promise<string | null>;
  };
  readonly violations: {
    readonly openAt: (places: readonly ServicePlace[]) => Promise<readonly StoredViolation[]>;
    readonly insert: (violation: StoredViolation) => Promise<void>;
    readonly seenAgain: (id: string, at: Temporal.Instant) => Promise<void>;
    readonly end: (id: string, at: Temporal.Instant) => Promise<void>;
  };
}

export function gateRecordsOf(client: Queryable): GateRecords {
  return {
    gates: {
      insert: (gate) => insertGate(client, gate),
      find: (id) => findGate(client, id),
      findForUpdate: (id) => findGateForUpdate(client, id),
      inRun: (account, run, target) => gatesInRun(client, account, run, target),
      callTo: (id, callback) => callGateAt(client, id, callback),
      tellAgain: (id) => tellGateAgain(client, id),
      findByLease: (lease) => findGateByLease(client, lease),
      issueToken: (id, token) => issueGateToken(client, id, token),
      voidToken: (id, reason) => voidGateToken(client, id, reason),
      useToken: (id, at, lease) => useGateToken(client, id, at, lease),
      noteResult: (id, result) => noteGateResult(client, id, result),
      lapsed: (now, limit) => lapsedGates(client, now, limit),
      denied: (limit) => deniedGates(client, limit),
      unclaimed: (since, limit) => unclaimedGates(client, since, limit),
      holdFacts: () => holdFacts(client),
      newestFactAt: () => newestFactAt(client),
      endpointFor: (url) => endpointFor(client, url),
    },
    violations: {
      openAt: (places) => openViolations(client, places),
      insert: (violation) => insertViolation(client, violation),
      seenAgain: (id, at) => seeViolationAgain(client, id, at),
      end: (id, at) => endViolation(client, id, at),
    },
  };
}
