import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineRoute } from "#contract/route.ts";
import { answer, defineHandler, definePublicHandler, refuse } from "#api/handler.ts";

const route = defineRoute({
  method: "post",
  path: "/v1/things/:id",
  operation: "makeThing",
  tag: "release",
  summary: "A thing",
  permission: "deployment.request",
  params: z.strictObject({ id: z.string() }),
  body: z.strictObject({ name: z.string().max(5), count: z.int().default(1) }),
  answers: { 200: z.strictObject({ name: z.string() }) },
  problems: ["no-such-service"],
});

const makeThing = defineHandler(route, async (_deps, call) => answer(200, { name: call.body.name }));

test("an answer or a problem that the route does not declare does not compile", () => {
  // @ts-expect-error: status 201 is not declared
  defineHandler(route, async () => answer(201, { name: "a" }));
  // @ts-expect-error: the body of 200 has a name
  defineHandler(route, async () => answer(200, { title: "a" }));
  // @ts-expect-error: already-open is a code of other routes
  defineHandler(route, async () => refuse("already-open", "no"));
  // @ts-expect-error: no such code at all
  defineHandler(route, async () => refuse("teapot", "no"));
  // @ts-expect-error: the body has no field of that name
  defineHandler(route, async (_deps, call) => answer(200, { name: call.body.title }));
  // @ts-expect-error: a public handler has no identity to look at
  definePublicHandler(route, async (_deps, call) => answer(200, { name: call.identity.person.name }));
  assert.ok(defineHandler(route, async () => refuse("no-such-service", "None.")));
});

test("a handler is prepared only with parts that fit, and every misfit is named with its place", () => {
  assert.equal(makeThing.prepare({ params: { id: "1" }, query: {}, body: { name: "a" } }).ok, true);
  const refused = makeThing.prepare({
    params: {},
    query: { x: "1" },
    body: { name: "toolong", role: "root", count: "1" },
  });
  assert.equal(refused.ok, false);
  assert.deepEqual(refused.ok ? [] : refused.error.map(({ path }) => path).sort(), [
    "body.count",
    "body.name",
    "body.role",
    "params.id",
    "query.x",
  ]);
});
