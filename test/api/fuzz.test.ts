import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { z } from "zod";
import { problem } from "#contract/common.ts";
import { contract } from "#contract/registry.ts";
import type { Route } from "#contract/route.ts";
import { roles, type Role } from "#core/catalog/people.ts";
import { digestOfArtifact, fakeApi } from "#test/api/fakes.ts";

interface JsonSchema {
  readonly [name: string]: unknown;
}

const objectOf = (value: unknown): JsonSchema => (typeof value === "object" && value !== null ? { ...value } : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Values that fit a JSON Schema of ours, made from the schema alone. */
function fitting(schema: JsonSchema): fc.Arbitrary<unknown> {
  if ("const" in schema) return fc.constant(schema["const"]);
  if ("enum" in schema) return fc.constantFrom(...listOf(schema["enum"]));
  if ("anyOf" in schema) return fc.oneof(...listOf(schema["anyOf"]).map((part) => fitting(objectOf(part))));
  if (schema["format"] === "date-time" || "allOf" in schema) return instants;
  const type = schema["type"];
  if (Array.isArray(type)) return fc.oneof(...type.map((name: unknown) => fitting({ ...schema, type: name })));
  switch (type) {
    case "object":
      return fittingObject(schema);
    case "array":
      return fc.array(fitting(objectOf(schema["items"])), { minLength: Number(schema["minItems"] ?? 0), maxLength: 3 });
    case "integer":
      return fc.integer({ min: Number(schema["minimum"] ?? -1000), max: Number(schema["maximum"] ?? 1000) });
    case "number":
      return fc.double({ noNaN: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "string":
      return typeof schema["pattern"] === "string"
        ? fc.stringMatching(new RegExp(schema["pattern"]))
        : fc.string({ minLength: Number(schema["minLength"] ?? 0), maxLength: 50, unit: "grapheme" });
    default:
      return fc.jsonValue();
  }
}

function fittingObject(schema: JsonSchema): fc.Arbitrary<unknown> {
  const properties = Object.entries(objectOf(schema["properties"]));
  const members = Object.fromEntries(properties.map(([name, part]) => [name, fitting(objectOf(part))]));
  return fc.record(members, { requiredKeys: listOf(schema["required"]).map(String) });
}

const instants = fc
  .integer({ min: 0, max: Temporal.Instant.from("2999-12-31T00:00:00Z").epochMilliseconds })
  .map((ms) => Temporal.Instant.fromEpochMilliseconds(ms).toString());

/** Now and then something else stands where a value should: another type, a text nobody expected. */
const strange = fc.oneof(
  { arbitrary: fc.jsonValue({ maxDepth: 3 }), weight: 4 },
  {
    arbitrary: fc.constantFrom(
      "",
      "__proto__",
      "../../etc",
      "' or 1=1 --",
      "${7*7}",
      "<script>",
      "\u202e",
      "é".normalize("NFD"),
    ),
    weight: 4,
  },
  { arbitrary: fc.constantFrom(null, true, [], {}, -1, 1e308, 0.1, "1"), weight: 2 },
);

function nearly(fits: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const broken = fc.tuple(fits, fc.string(), strange, fc.nat()).map(([value, name, other, at]) => {
    const names = Object.keys(objectOf(value));
    const key = at % 3 === 0 || names.length === 0 ? name : (names[at % names.length] ?? name);
    return { ...objectOf(value), [key]: other };
  });
  return fc.oneof({ arbitrary: fits, weight: 9 }, { arbitrary: broken, weight: 2 }, { arbitrary: strange, weight: 1 });
}

const schemaOf = (schema: z.ZodType): JsonSchema => objectOf(z.toJSONSchema(schema, { io: "input", reused: "inline" }));

/** One per operation, made once: turning schemas into arbitraries costs more than a request. */
const requestsOf = Object.values(contract).map((route: Route) =>
  fc.record({
    route: fc.constant(route),
    role: fc.constantFrom<(Role | null)[]>(...roles, null),
    known: fc.boolean(),
    params: nearly(fitting(schemaOf(route.params))),
    query: nearly(fitting(schemaOf(route.query))),
    body: nearly(fitting(schemaOf(route.body))),
    key: fc.option(fc.stringMatching(/^[\x21-\x7e]{1,20}$/)),
  }),
);

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

test("a thousand requests made from the contract are never answered with a fault, and every refusal is a problem", async () => {
  const api = fakeApi();
  const seeded = api.seed();
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(fc.oneof(...requestsOf), async ({ route, role, known, params, query, body, key }) => {
      const values = { ...objectOf(params), ...(known ? { id: seeded } : {}) };
      const path = route.path.replace(/:([a-z]+)/gi, (_, name: string) => {
        return encodeURIComponent(textOf(objectOf(values)[name] ?? "x").toWellFormed());
      });
      const search = new URLSearchParams(Object.entries(objectOf(query)).map(([name, value]) => [name, textOf(value)]));
      const given = known
        ? { ...objectOf(body), ...("contentDigest" in objectOf(body) ? { contentDigest: digestOfArtifact } : {}) }
        : body;
      const response = await api.call(`${path}?${search.toString()}`, {
        as: role,
        method: route.method.toUpperCase(),
        ...(route.method === "get" ? {} : { body: given }),
        headers: key === null ? {} : { "idempotency-key": key },
      });
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      assert.ok(response.status < 500, `${route.operation} answered ${response.status}`);
      if (response.status >= 400) {
        assert.equal(response.headers.get("content-type"), "application/problem+json");
        assert.equal(problem.parse(await response.json()).status, response.status);
      } else {
        route.answers[response.status]?.parse(await response.json());
        assert.ok(route.answers[response.status] !== undefined, `${route.operation} answered ${response.status}`);
      }
    }),
    { numRuns: 1000 },
  );
  for (const status of [200, 400, 401, 403]) assert.ok((statuses.get(status) ?? 0) > 5, `few answers with ${status}`);
});
