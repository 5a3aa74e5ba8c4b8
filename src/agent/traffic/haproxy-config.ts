import { join } from "node:path";
import { cohortCookie, cohortHeader, stickyCookie } from "#agent/traffic/driver.ts";

/** Versions of a service that HAProxy can know at a time; each has a place with a name of its own in the backend. */
export const slots = Array.from({ length: 8 }, (_, index) => `slot${index + 1}`);
/** Nobody listens there: what is sent to a version that is down fails at once, and is seen to fail. */
export const nowhere = 1;
/** HAProxy's own limit. */
export const heaviest = 256;

export interface Front {
  readonly service: string;
  readonly port: number;
}

export interface HaproxyFiles {
  readonly config: string;
  readonly socket: string;
  readonly serverState: string;
  /** Slot → version, with the shares that were asked for and whether sessions are kept. */
  readonly versions: (service: string) => string;
  /** Cohort → slot. */
  readonly cohorts: (service: string) => string;
}

export function haproxyFiles(folder: string): HaproxyFiles {
  return {
    config: join(folder, "haproxy.cfg"),
    socket: join(folder, "admin.sock"),
    serverState: join(folder, "server-state"),
    versions: (service) => join(folder, `${service}.versions.map`),
    cohorts: (service) => join(folder, `${service}.cohorts.map`),
  };
}

export function backendOf(service: string): string {
  return `be_${service}`;
}

/**
 * The configuration of one environment: it names the services and knows nothing of versions. Which version is behind
 * which slot, and how heavy, is said at run time and comes back after a reload from the state file and the maps.
 */
export function haproxyConfig(folder: string, fronts: readonly Front[], logPort: number): string {
  const files = haproxyFiles(folder);
  return `global
  stats socket ${files.socket} mode 600 level admin expose-fd listeners
  server-state-file ${files.serverState}
  log 127.0.0.1:${logPort} len 512 format rfc3164 local0 info
  # One thread: weights are applied between two requests, and shares are exact over any run of requests.
  nbthread 1
  maxconn 4000
defaults
  mode http
  log global
  timeout connect 2s
  timeout client 60s
  timeout server 15s
  timeout http-request 10s
  timeout http-keep-alive 60s
  retries 0
  load-server-state-from-file global
${fronts.map((front) => place(files, front)).join("")}`;
}

function place(files: HaproxyFiles, { service, port }: Front): string {
  const versions = files.versions(service);
  const cohorts = files.cohorts(service);
  const servers = slots.map((slot) => `  server ${slot} 127.0.0.1:${nowhere} weight 0 cookie ${slot}\n`);
  return `frontend fe_${service}
  bind 127.0.0.1:${port}
  log-format "tg ${service} %[srv_name,map(${versions},-)] %ST %Ta"
  default_backend ${backendOf(service)}
backend ${backendOf(service)}
  balance roundrobin
  http-request del-header x-tidegate-version
  http-request set-var(txn.cohort) req.cook(${cohortCookie}),map(${cohorts}) if { req.cook(${cohortCookie}) -m found }
  http-request set-var(txn.cohort) req.hdr(${cohortHeader}),map(${cohorts}) if { req.hdr(${cohortHeader}) -m found }
  use-server %[var(txn.cohort)] if { var(txn.cohort) -m found }
  cookie ${stickyCookie(service)} insert indirect nocache httponly
  ignore-persist unless { str(sticky),map(${versions}) -m str on }
  http-response set-header x-tidegate-version %[srv_name,map(${versions},unknown)]
${servers.join("")}`;
}
