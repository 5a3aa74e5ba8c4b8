import type { DeploymentSummary } from "#web/release/deployment.ts";
import type { MatrixCell } from "#web/release/matrix.ts";

/** Versions of a service that run somewhere or were asked for, the newest first as far as their numbers say. */
export function knownVersions(
  service: string,
  cells: readonly MatrixCell[],
  deployments: readonly Pick<DeploymentSummary, "service" | "version">[],
): readonly string[] {
  const running = cells
    .filter((cell) => cell.service === service)
    .flatMap(({ version, open }) => [version, open?.version ?? null]);
  const asked = deployments.filter((one) => one.service === service).map(({ version }) => version);
  const all = new Set([...running, ...asked].filter((version) => version !== null));
  return [...all].toSorted((left, right) => right.localeCompare(left, "en", { numeric: true }));
}
