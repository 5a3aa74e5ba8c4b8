import { z } from "zod";

/**
 * What the control plane and an agent (`src/agent`) say to each other over HTTP. The agent runs where the services
 * run, supervises their processes, owns the weighted proxy and keeps its own ledger of effects.
 *
 * GET  /v1/environments/:environment/services/:service[?with=routing|sessions] → agentObservation
 * POST /v1/environments/:environment/services/:service/versions               startVersionBody → agentVersion
 * POST /v1/environments/:environment/services/:service/weights                weightsBody → agentObservation
 * POST /v1/environments/:environment/services/:service/versions/:version/smoke → smokeReport
 * POST /v1/environments/:environment/services/:service/versions/:version/controls?when=prepared|live → controlsReport
 * POST /v1/environments/:environment/services/:service/versions/:version/stop stopVersionBody → agentObservation
 * GET  /v1/environments/:environment/services/:service/traffic?since=SECOND   → agentTraffic
 * POST /v1/environments/:environment/services/:service/commands              runCommandBody → agentCommand
 * GET  /v1/environments/:environment/services/:service/commands?key=KEY       → agentCommand
 * POST /v1/environments/:environment/services/:service/commands/cancel        commandBody → agentCommand
 * GET  /v1/paths/:name                                                       → agentPath
 * GET  /v1/inventory                                                          → agentInventory
 * GET  /v1/ledger?after=SEQ                                                   → agentLedger
 * GET  /livez                                                                 → 200
 *
 * Every answer carries the header `exchangeHeader` of its request, when that has one: so no answer is taken for another's.
 * An agent or a control plane of the version before sends none.
 *
 * Bearer token on everything but /livez. Errors are problem+json with `code`: stale-fence (409), key-conflict (409: same
 * key, other body), unknown-service (404), unknown-version (404), no-such-program (422), digest-mismatch (422: the program
 * is not the one that was asked for, nothing was started), has-traffic (409), has-sessions (409), share-not-possible (422:
 * the proxy cannot do it, nothing was changed), traffic-unknown (503: the proxy did not say what is in effect; ask again
 * under the same key), proxy-refused (503: nothing was changed), not-ready (409), busy (409: another effect on
 * the service is under way), unknown-path (404: none of that name in the
 * agent's configuration), unknown-command (404: not allowed by the agent's configuration, or nothing under the key),
 * bad-argument (422), bad-request (400), unauthorized (401).
 */
/** Upper bounds of the latency buckets in milliseconds: steps of about 1.4, fine enough to see a doubling anywhere. */
export const latencyBoundsMs = [
  1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512, 724, 1024, 2048, 4096,
] as const;

const name = z.string().min(1).max(100);

/** Counts of requests are kept for 15 minutes; a session that may be silent for longer cannot be told from one that ended. */
const longestIdle = 840;

export const commandBody = z.strictObject({ key: z.string().min(1).max(200), fence: z.int().min(0) });
export const stopVersionBody = z.strictObject({
  ...commandBody.shape,
  /** Also with traffic or sessions: its users are without the service from then on. Left out: it is refused then. */
  evenWithTraffic: z.literal(true).optional(),
});
export const startVersionBody = z.strictObject({ ...commandBody.shape, version: name, digest: name });
export const weightsBody = z.strictObject({
  ...commandBody.shape,
  /** Version → per cent; the shares add up to 100. */
  weights: z.record(name, z.number().min(0).max(100)),
  /** Sessions stay with the version they began with; it can be stopped this long after its last request. Left out: they move. */
  sticky: z.strictObject({ idleSeconds: z.int().min(1).max(longestIdle) }).optional(),
  /** Cohort that requests name → version, whatever its share. Left out: none. */
  cohorts: z.record(z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/), name).optional(),
});

/** What the proxy in front of a service can do, and the rules in effect there beside the shares. */
export const agentRouting = z.strictObject({
  driver: z.string(),
  finestPercent: z.number(),
  exactWithin: z.number(),
  mostVersions: z.int(),
  canStick: z.boolean(),
  canCohort: z.boolean(),
  losesNothing: z.boolean(),
  sticky: z.boolean(),
  cohorts: z.record(z.string(), z.string()),
  /** Only when the query says `with=sessions`: version → sessions heard of within the silence that one may keep. */
  sessions: z.record(z.string(), z.int()).optional(),
});

export const agentVersion = z.strictObject({
  version: name,
  digest: z.string(),
  state: z.enum(["starting", "ready", "failed", "stopped"]),
  percent: z.number(),
  pid: z.int().nullable(),
  startedAt: z.string().nullable(),
  /** Why the version is `failed`, in one sentence; null otherwise. */
  reason: z.string().nullable(),
});
export const agentObservation = z.strictObject({
  environment: name,
  service: name,
  versions: z.array(agentVersion),
  /** Highest fencing number accepted for this environment. */
  fence: z.int(),
  /** Address of the proxy in front of the service. */
  url: z.string(),
  observedAt: z.string(),
  /** Only when the query says `with=routing`, or `with=sessions` for both: a control plane of the version before takes no field that it does not know. */
  routing: agentRouting.optional(),
});
export const smokeReport = z.strictObject({
  checks: z.array(z.strictObject({ name: z.string(), passed: z.boolean(), detail: z.string() })),
});
export const controlsQuery = z.strictObject({ when: z.enum(["prepared", "live"]) });
/** Security controls of the agent's configuration, each as its probe found it. */
export const controlsReport = z.strictObject({
  controls: z
    .array(
      z.strictObject({
        name,
        kind: z.string(),
        /** What the configuration asks for when it is not proven. */
        onFailure: z.enum(["roll-back", "hold"]),
        outcome: z.enum(["proven", "failed", "inconclusive"]),
        detail: z.string(),
        /** As they were seen: answers, protocol versions, files. */
        facts: z.record(z.string(), z.string()),
        observedAt: z.string(),
      }),
    )
    .max(200),
});
export const agentTraffic = z.strictObject({
  seconds: z.array(
    z.strictObject({
      second: z.int(),
      version: name,
      requests: z.int(),
      errors: z.int(),
      latency: z.array(z.int()),
    }),
  ),
  completeBefore: z.int(),
});
/** What came of opening a connection from the agent to something that it has to reach. */
export const agentPath = z.strictObject({
  name,
  /** host:port, as the agent's configuration has it. */
  address: z.string(),
  reached: z.boolean(),
  /** How it ended, in one sentence. */
  detail: z.string(),
  /** End of what the other side showed as its certificate, ISO 8601 in UTC; null: there is none, or it was not asked for. */
  certificateUntil: z.string().nullable(),
  observedAt: z.string(),
});
/** Longest time for a command, in seconds; a command's own configuration may say less. */
const longestCommand = 24 * 3600;
const migrationWork = z.strictObject({
  kind: z.literal("migration"),
  database: name,
  version: name,
  /** Of the version as it is on record: the scripts are a part of it. */
  digest: name,
  direction: z.enum(["up", "back"]),
  appliedUnder: z.string().max(300).nullable(),
});
/** Names and values only: what they stand for is in the agent's own configuration. */
export const commandWork = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("command"),
    name,
    arguments: z.record(z.string().min(1).max(50), z.union([z.string().min(1).max(200), z.number()])),
  }),
  migrationWork,
  /** Digests over the rows of tables, printed as `data TABLE DIGEST ROWS`. Nothing is changed. */
  z.strictObject({ kind: z.literal("data"), database: name, tables: z.array(name).min(1).max(50) }),
]);
export const runCommandBody = z.strictObject({
  key: z.string().min(1).max(300),
  fence: z.int().min(0),
  work: commandWork,
  withinSeconds: z.int().min(1).max(longestCommand),
});
export const cancelCommandBody = runCommandBody.pick({ key: true, fence: true });
export const agentCommand = z.strictObject({
  key: z.string(),
  environment: name,
  service: name,
  /** `lost`: it ended without telling how; what it did is not known. */
  state: z.enum(["running", "done", "failed", "timed-out", "cancelled", "lost"]),
  exitCode: z.int().nullable(),
  /** It failed in a way that may pass. */
  isPassing: z.boolean(),
  /** Cleaned, without secrets, its beginning and its end. */
  output: z.strictObject({ text: z.string().max(20_000), bytes: z.int(), isCut: z.boolean() }),
  beatAt: z.string(),
});
export const exchangeHeader = "x-tidegate-exchange";

export const agentInventory = z.strictObject({ services: z.array(agentObservation) });
export const ledgerEntry = z.strictObject({
  seq: z.int(),
  at: z.string(),
  environment: name,
  service: name,
  effect: z.enum(["start-version", "set-weights", "stop-version"]),
  /** The version and what was asked for it. */
  detail: z.string(),
  key: z.string(),
  fence: z.int(),
  /** `applied`: the effect happened now; `replayed`: the key was known and the stored answer was given; `refused`: stale fence. */
  outcome: z.enum(["applied", "replayed", "refused"]),
});
export const agentLedger = z.strictObject({ entries: z.array(ledgerEntry) });

export type AgentObservation = z.infer<typeof agentObservation>;
export type AgentVersion = z.infer<typeof agentVersion>;
export type AgentTraffic = z.infer<typeof agentTraffic>;
export type AgentCommand = z.infer<typeof agentCommand>;
export type AgentControl = z.infer<typeof controlsReport>["controls"][number];
export type AgentPath = z.infer<typeof agentPath>;
export type AgentInventory = z.infer<typeof agentInventory>;
export type LedgerEntry = z.infer<typeof ledgerEntry>;
