import assert from "node:assert/strict";
import { test } from "node:test";
import { dependantsOf, maxUpstream, upstreamOf } from "#core/catalog/graph.ts";
import type { Service } from "#core/catalog/service.ts";
import { aService } from "#core/testing.ts";

function catalogue(edges: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, Service> {
  const services = Object.entries(edges).map(([name, on]) =>
    aService({ name, dependsOn: on.map((other) => ({ on: other, kind: "sync", versions: null })) }),
  );
  return new Map(services.map((service) => [service.name, service]));
}

test("upstream is everything that is needed, nearest first, each by the shortest way", () => {
  const services = catalogue({ web: ["cart", "price"], cart: ["price", "db"], price: ["db"], db: [] });
  assert.deepEqual(
    upstreamOf(services, "web").map(({ service, path }) => [service, path.join(">")]),
    [
      ["cart", "cart"],
      ["price", "price"],
      ["db", "cart>db"],
    ],
  );
});

test("a cycle ends, and the service is not its own upstream", () => {
  const services = catalogue({ a: ["b"], b: ["a"] });
  assert.deepEqual(
    upstreamOf(services, "a").map(({ service }) => service),
    ["b"],
  );
});

test("a vendor that is no service has no tier", () => {
  assert.deepEqual(upstreamOf(catalogue({ a: ["payco"] }), "a"), [{ service: "payco", tier: null, path: ["payco"] }]);
});

test("beyond the limit the furthest are left out", () => {
  const names = Array.from({ length: maxUpstream + 10 }, (_, index) => `s${index}`);
  assert.equal(upstreamOf(catalogue({ hub: names }), "hub").length, maxUpstream);
});

test("dependants are those with a direct edge, by name, each once", () => {
  const services = catalogue({ b: ["db", "db"], a: ["db"], db: [], c: ["a"] });
  assert.deepEqual(
    dependantsOf(services, "db").map(({ name }) => name),
    ["a", "b"],
  );
  assert.deepEqual(dependantsOf(services, "nobody"), []);
});
