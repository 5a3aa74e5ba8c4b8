import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Front } from "#agent/traffic/haproxy-config.ts";
import { cohortCookie, cohortHeader, stickyCookie, type Route, type Routing } from "#agent/traffic/driver.ts";
import { wholeWeights } from "#agent/weights.ts";

/** A thousandth of a per cent, as in the embedded proxy. */
export const heaviest = 100_000;
/** Nobody listens there: see the configuration of HAProxy. */
const nowhere = 1;

export interface NginxFiles {
  readonly config: string;
  readonly pid: string;
  readonly ofService: (service: string) => string;
}

export function nginxFiles(folder: string): NginxFiles {
  return {
    config: join(folder, "nginx.conf"),
    pid: join(folder, "nginx.pid"),
    ofService: (service) => join(folder, `${service}.service.conf`),
  };
}

/** The frame around the services. One worker: its round robin is exact, several would each have one of their own. */
export function nginxConfig(folder: string): string {
  const { pid } = nginxFiles(folder);
  return `worker_processes 1;
pid ${pid};
error_log ${join(folder, "error.log")} warn;
events { worker_connections 8192; }
http {
  variables_hash_max_size 8192;
  server_names_hash_bucket_size 128;
  map_hash_bucket_size 256;
  keepalive_timeout 60s;
  keepalive_requests 1000000;
  client_header_timeout 10s;
  client_body_timeout 30s;
  client_max_body_size 1m;
  client_body_buffer_size 1m;
  client_body_temp_path ${join(folder, "body")};
  proxy_temp_path ${join(folder, "proxy")};
  fastcgi_temp_path ${join(folder, "fastcgi")};
  uwsgi_temp_path ${join(folder, "uwsgi")};
  scgi_temp_path ${join(folder, "scgi")};
  proxy_max_temp_file_size 0;
  include ${join(folder, "*.service.conf")};
}
`;
}

/** What the status page tells, so that it can be read back from the process that has it loaded. */
export interface Told {
  readonly digest: string;
  readonly routes: readonly Route[];
  readonly sticky: boolean;
  readonly cohorts: Readonly<Record<string, string>>;
}

export function digestOfRouting({ routes, sticky, cohorts }: Routing): string {
  const text = JSON.stringify([routes.map(({ version, port, percent }) => [version, port, percent]), sticky, cohorts]);
  return createHash("sha256").update(text).digest("hex");
}

export interface NginxPorts {
  readonly status: number;
  readonly log: number;
}

/** The file of one service: its groups of servers, what chooses among them, and what it says about itself. */
export function serviceConfig(front: Front, routing: Routing, ports: NginxPorts): string | null {
  const { service } = front;
  const name = service.replaceAll("-", "_");
  const percents = routing.routes.map(({ percent }) => percent);
  const weights = wholeWeights(percents, heaviest, 0.001);
  if (weights === null) return null;
  const told: Told = { digest: digestOfRouting(routing), ...routing };
  return [
    ...groups(name, routing.routes, weights),
    ...choice(name, routing),
    `log_format tg_${name} 'tg ${service} $version_${name} $status \${request_time}s';`,
    userServer(
      front,
      name,
      ports,
      weights.some((weight) => weight > 0),
    ),
    `server {
  listen 127.0.0.1:${ports.status};
  server_name ${service};
  access_log off;
  location = /routing {
    default_type application/json;
    add_header x-worker $pid;
    return 200 '${JSON.stringify(told)}';
  }
}`,
    "",
  ].join("\n");
}

function groups(name: string, routes: readonly Route[], weights: readonly number[]): readonly string[] {
  const server = (port: number | null, weight: number) =>
    `  server 127.0.0.1:${port ?? nowhere} weight=${weight} max_fails=0;`;
  // Below the 5 s after which a Node server closes an idle connection.
  const reuse = "  keepalive 64;\n  keepalive_timeout 4s;\n}";
  const shared = routes.flatMap(({ port }, index) => {
    const weight = weights[index] ?? 0;
    return weight > 0 ? [server(port, weight)] : [];
  });
  const all = shared.length === 0 ? [] : [`upstream ${name}_all {\n${shared.join("\n")}\n${reuse}`];
  return [...all, ...routes.map(({ port }, index) => `upstream ${name}_v${index} {\n${server(port, 1)}\n${reuse}`)];
}

/** Text that stands for itself in a regular expression; in maps only these are compared with the case of letters. */
function exactly(text: string): string {
  return `"~^${text.replaceAll(/[.+]/g, String.raw`\$&`)}$"`;
}

function choice(name: string, { routes, sticky, cohorts }: Routing): readonly string[] {
  const groupOf = (version: string) => {
    const index = routes.findIndex((route) => route.version === version && route.port !== null);
    return index === -1 ? null : `${name}_v${index}`;
  };
  const map = (variable: string, to: string, lines: readonly string[]) =>
    [`map ${variable} $${to}_${name} {`, ...lines.map((each) => `  ${each};`), "}"].join("\n");
  const entry = (key: string, version: string) => {
    const group = groupOf(version);
    return group === null ? [] : [`${exactly(key)} ${group}`];
  };
  const ofCohorts = ['default ""', ...Object.entries(cohorts).flatMap(([key, version]) => entry(key, version))];
  const ofSessions = ['default ""', ...(sticky ? routes.flatMap(({ version }) => entry(version, version)) : [])];
  const named = `$header_${name},$cookie_${name},$session_${name},`;
  const addresses = routes.flatMap(({ version, port }) =>
    port === null ? [] : [`"~^(.*[ ,])?127\\.0\\.0\\.1:${port}$" ${version}`],
  );
  const began = `"~^,,,(?<began_${name}>[^-].*)$" "${stickyCookie(name)}=$began_${name}; Path=/; HttpOnly"`;
  return [
    map(`$http_${cohortHeader.replaceAll("-", "_")}`, "header", ofCohorts),
    map(`$cookie_${cohortCookie}`, "cookie", ofCohorts),
    map(`$cookie_${stickyCookie(name)}`, "session", ofSessions),
    map(`"${named}"`, "target", [`default ${name}_all`, `"~^,*(?<named_${name}>[^,]+)," $named_${name}`]),
    map("$upstream_addr", "version", ["default -", ...addresses]),
    map(`"${named}$version_${name}"`, "begin", ['default ""', ...(sticky ? [began] : [])]),
  ];
}

function userServer(front: Front, name: string, ports: NginxPorts, hasTraffic: boolean): string {
  const pass = hasTraffic
    ? `proxy_pass http://$target_${name};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header x-tidegate-version "";
    proxy_hide_header x-tidegate-version;
    proxy_connect_timeout 2s;
    proxy_read_timeout 15s;
    # Once more only where a kept connection turned out to be closed: nobody has seen the request then.
    proxy_next_upstream error;
    proxy_next_upstream_tries 1;
    add_header x-tidegate-version $version_${name} always;
    add_header Set-Cookie $begin_${name};`
    : "return 503;";
  return `server {
  listen 127.0.0.1:${front.port};
  access_log syslog:server=127.0.0.1:${ports.log},nohostname,tag=tidegate tg_${name};
  location / {
    ${pass}
  }
}`;
}
