import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { err, ok, type Result } from "#core/result.ts";

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);
/** Inside the folder of the catalogue: no absolute path, no way up. */
const file = z.string().regex(/^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/-]{0,200}$/);
const path = z.string().regex(/^\/[\x21-\x7e]{0,500}$/);

/** All questions of one service that are asked again, together: whoever deploys waits for the suite. */
const maxPatienceSeconds = 120;

/** One request of a check. `{nonce}` in path, body and expected answer stands for a text that is new in every run. */
export const smokeStep = z
  .strictObject({
    /**
     * Asked again until it answers as expected, for this long: what has to arrive elsewhere takes its time. Only questions are
     * asked again (GET).
     */
    withinSeconds: z.int().min(1).max(maxPatienceSeconds).optional(),
    /** A neighbour instead of the version itself: each of its ready versions is asked, one must answer as expected. */
    at: name.optional(),
    method: z.enum(["GET", "POST", "PUT", "DELETE"]).default("GET"),
    path,
    body: z.json().optional(),
    status: z.int().min(100).max(599).default(200),
    /** The answer must contain this: objects may have more fields, lists have to be equal in length. */
    answer: z.json().optional(),
  })
  .refine(({ method, withinSeconds }) => withinSeconds === undefined || method === "GET", {
    message: "only a GET is asked again: leave withinSeconds out",
  });
export const smokeCheck = z.strictObject({
  name: z.string().min(1).max(100),
  steps: z.array(smokeStep).min(1).max(20),
});

const program = z.strictObject({
  /** The program, then the files that belong to it; those in `migrations/DATABASE` are scripts for that database. */
  files: z.array(file).min(1).max(200),
  args: z.array(z.string().max(500)).max(20).default([]),
  env: z.record(z.string().regex(/^[A-Z][A-Z0-9_]{0,50}$/), z.string().max(500)).default({}),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  /** What is different from the version before, for people. */
  note: z.string().max(300),
});

function patienceOf(checks: readonly z.infer<typeof smokeCheck>[]): number {
  return checks.flatMap(({ steps }) => steps).reduce((sum, { withinSeconds = 0 }) => sum + withinSeconds, 0);
}

export const fleetFile = z.strictObject({
  services: z
    .array(
      z.strictObject({
        name,
        calls: z.array(name).max(50),
        checks: z
          .array(smokeCheck)
          .max(20)
          .refine((checks) => patienceOf(checks) <= maxPatienceSeconds, {
            message: `withinSeconds of all checks of a service come to ${maxPatienceSeconds} at most`,
          }),
        versions: z.record(z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+-]{0,60}$/), program),
      }),
    )
    .min(1)
    .max(200),
});

export type Fleet = z.infer<typeof fleetFile>;
export type FleetService = Fleet["services"][number];
export type Program = z.infer<typeof program>;
export type SmokeStep = z.infer<typeof smokeStep>;

/** Reads the catalogue anew, so that a version added to the file can be started without a restart of the agent. */
export function readFleet(catalogue: string): Fleet {
  const parsed = fleetFile.safeParse(JSON.parse(readFileSync(catalogue, "utf8")));
  if (!parsed.success) throw new Error(`${catalogue}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/**
 * Digest of what would run: every file by its content, then the declared arguments and variables (sorted by name).
 * Throws if a file cannot be read.
 */
export function digestOf(folder: string, { files, args, env }: Pick<Program, "files" | "args" | "env">): string {
  const hash = createHash("sha256");
  for (const each of files) {
    const content = createHash("sha256")
      .update(readFileSync(join(folder, each)))
      .digest("hex");
    hash.update(`file ${each} ${content}\n`);
  }
  const variables = Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1));
  return `sha256:${hash.update(`${JSON.stringify([args, variables])}\n`).digest("hex")}`;
}

/** The catalogue's entry of a service, or null. */
export function findService(catalogue: string, service: string): FleetService | null {
  return readFleet(catalogue).services.find((each) => each.name === service) ?? null;
}

/** Why a program is not started. */
export interface Mismatch {
  readonly code: "no-such-program" | "digest-mismatch";
  readonly status: 422;
  readonly message: string;
}

export interface Startable {
  readonly service: FleetService;
  readonly program: Program;
  readonly folder: string;
}

/** The program of a version, after its bytes were compared with the catalogue and with what was asked for. */
export function findProgram(
  catalogue: string,
  wanted: { readonly service: string; readonly version: string; readonly digest: string },
): Result<Startable, Mismatch> {
  const { service: serviceName, version, digest } = wanted;
  const service = readFleet(catalogue).services.find((each) => each.name === serviceName);
  // Own entries only: a version called like a property of every object is no version.
  const entry =
    service !== undefined && Object.hasOwn(service.versions, version) ? service.versions[version] : undefined;
  if (service === undefined || entry === undefined) {
    const message = `No program for ${serviceName} ${version} is in the catalogue; add it there.`;
    return err({ code: "no-such-program", status: 422, message });
  }
  const folder = dirname(catalogue);
  const found = digestOf(folder, entry);
  if (found !== digest || entry.digest !== digest) {
    const message = `${serviceName} ${version} on disk is ${found}, in the catalogue ${entry.digest}, asked for was ${digest}; nothing was started.`;
    return err({ code: "digest-mismatch", status: 422, message });
  }
  return ok({ service, program: entry, folder });
}
