import type { Proxy } from "#agent/proxy.ts";
import type { Routing, TrafficDriver } from "#agent/traffic/driver.ts";
import { ok } from "#core/result.ts";
import type { TrafficAbilities } from "#core/rollout/traffic-abilities.ts";

const embeddedAbilities: TrafficAbilities = {
  driver: "embedded",
  finestPercent: 0.001,
  exactWithin: 0.0005,
  mostVersions: 50,
  sticky: true,
  cohorts: true,
  losesNothing: true,
};

/** The proxy in the agent's own process: it cannot be away, and what it was told is what it does. */
export function embeddedDriver(proxy: Proxy): TrafficDriver {
  let current: Routing = { routes: [], sticky: false, cohorts: {} };
  return {
    can: embeddedAbilities,
    url: proxy.url,
    set: (routing) => {
      proxy.route(routing.routes, routing);
      current = routing;
      return Promise.resolve(ok(undefined));
    },
    read: () => {
      const given = current.routes.filter(({ percent }) => percent > 0);
      const shares = Object.fromEntries(given.map(({ version, percent }) => [version, percent]));
      return Promise.resolve(ok({ shares, sticky: current.sticky, cohorts: current.cohorts }));
    },
    inFlight: (version) => Promise.resolve(ok(proxy.inFlight(version))),
    traffic: proxy.traffic,
    sessions: proxy.sessions,
  };
}
