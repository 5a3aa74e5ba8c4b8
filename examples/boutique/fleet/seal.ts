import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf, readFleet } from "#agent/fleet.ts";

/** Writes the digests of the programs as they are now into the catalogue: `node examples/boutique/fleet/seal.ts`. */
const catalogue = join(import.meta.dirname, "fleet.json");

const fleet = readFleet(catalogue);
let sealed = 0;
for (const service of fleet.services) {
  for (const [version, program] of Object.entries(service.versions)) {
    program.digest = digestOf(import.meta.dirname, program);
    sealed += 1;
    process.stdout.write(`${service.name} ${version} ${program.digest}\n`);
  }
}
writeFileSync(catalogue, `${JSON.stringify(fleet, null, 2)}\n`);
process.stdout.write(`${sealed} programs sealed\n`);
