import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { digestOf, readFleet } from "#agent/fleet.ts";
import { ownsPid } from "#agent/process.ts";

const original = resolve(import.meta.dirname, "../../examples/boutique/fleet");

/** The programs of the boutique in a folder of the test's own. */
export interface CopiedFleet {
  readonly file: string;
  readonly digestOf: (service: string, version: string) => string;
  readonly versions: () => readonly { readonly service: string; readonly version: string }[];
}

/** Copies the fleet; the load generator gets `env` and a new seal. */
export function copyFleet(folder: string, env: Readonly<Record<string, string>>): CopiedFleet {
  cpSync(original, folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"type":"module"}\n');
  const file = join(folder, "fleet.json");
  const fleet = readFleet(file);
  for (const { name, versions } of fleet.services) {
    if (name !== "loadgenerator") continue;
    for (const program of Object.values(versions)) {
      Object.assign(program.env, env);
      program.digest = digestOf(folder, program);
    }
  }
  writeFileSync(file, JSON.stringify(fleet));
  return {
    file,
    digestOf: (service, version) => {
      const program = fleet.services.find(({ name }) => name === service)?.versions[version];
      if (program === undefined) throw new Error(`the fleet has no ${service}@${version}`);
      return program.digest;
    },
    versions: () =>
      fleet.services.flatMap(({ name, versions }) =>
        Object.keys(versions).map((version) => ({ service: name, version })),
      ),
  };
}

/** Services that outlived their agent: each is ended only if it is provably the one that the agent started. */
export function endLeftovers(stateFile: string): void {
  let state: { readonly processes: readonly { readonly pid: number | null; readonly instance: string }[] };
  try {
    state = JSON.parse(readFileSync(stateFile, "utf8"));
  } catch {
    // The agent never started anything.
    return;
  }
  for (const { pid, instance } of state.processes) {
    if (pid !== null && ownsPid(pid, instance)) process.kill(pid, "SIGKILL");
  }
}
