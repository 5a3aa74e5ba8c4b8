import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** A program that tests use when it is there. Its absence is reported and never counted as passed. */
interface Peer {
  readonly name: string;
  readonly binary: string;
  readonly packages: readonly string[];
}

const libraries = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" } as const;
const libraryFolder = `/usr/lib/${process.arch === "arm64" ? libraries.arm64 : libraries.x64}`;

const peers: readonly Peer[] = [
  { name: "Chromium", binary: "/usr/bin/chromium", packages: ["chromium", "fonts-liberation"] },
  { name: "Radicale", binary: "/usr/bin/radicale", packages: ["radicale"] },
  { name: "HAProxy", binary: "/usr/sbin/haproxy", packages: ["haproxy"] },
  { name: "nginx", binary: "/usr/sbin/nginx", packages: ["nginx-light"] },
  { name: "Prometheus", binary: "/usr/bin/prometheus", packages: ["prometheus"] },
  { name: "PostgreSQL 15", binary: "/usr/lib/postgresql/15/bin/postgres", packages: ["postgresql-15"] },
  { name: "strace", binary: "/usr/bin/strace", packages: ["strace"] },
  { name: "libfaketime", binary: `${libraryFolder}/faketime/libfaketime.so.1`, packages: ["libfaketime"] },
];

/** Installs missing peers where that is possible (root on Debian); returns what a person should know. */
export function prepareMachine(): readonly string[] {
  const missing = peers.filter(({ binary }) => !existsSync(binary));
  if (missing.length > 0 && process.getuid?.() === 0 && existsSync("/etc/debian_version")) install(missing);
  return peers
    .filter(({ binary }) => !existsSync(binary))
    .map(({ name, binary }) => `not run: ${name} (${binary} is not installed)`);
}

function install(missing: readonly Peer[]): void {
  const packages = missing.flatMap((peer) => peer.packages);
  console.log(`Installing ${packages.join(", ")} …`);
  // No service may start by itself: tests start their own, on their own ports.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  spawnSync("apt-get", ["update", "-qq"], { stdio: "ignore", env });
  spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], { stdio: "ignore", env });
}
