import { z } from "zod";
import { problem } from "#contract/common.ts";
import { eventsPath } from "#contract/event-stream.ts";
import { commonProblems, problems, type ProblemCode } from "#contract/problem.ts";
import { contract } from "#contract/registry.ts";
import { tags, type Route } from "#contract/route.ts";
import { streamEvent } from "#contract/runtime.ts";

type Json = { readonly [name: string]: unknown };
/** Schemas with an id, hoisted out of the places that use them. */
type Components = Map<string, unknown>;

/** OpenAPI 3.1 of the whole contract as text, members in a fixed order: the committed file is this, byte for byte. */
export function openApiText(version: string): string {
  return `${JSON.stringify(openApi(version), null, 2)}\n`;
}

export function openApi(version: string): Json {
  const components: Components = new Map();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of Object.values(contract)) {
    const path = route.path.replace(/:([a-z]+)/gi, "{$1}");
    paths[path] = { ...paths[path], [route.method]: operationOf(route, components) };
  }
  paths[eventsPath] = { get: eventsOperation(components) };
  const problemSchema = schemaOf(problem, "output", components);
  return {
    openapi: "3.1.1",
    info: {
      title: "Tidegate",
      version,
      description: "Release and deployment control plane. Errors are problem+json with a stable code.",
      license: { name: "UNLICENSED" },
    },
    jsonSchemaDialect: "https://json-schema.org/draft/2020-12/schema",
    servers: [{ url: "/" }],
    tags: tags.map((name) => ({ name })),
    security: [{ token: [] }, { session: [] }],
    paths: sorted(paths),
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "An API token: tg_…" },
        session: { type: "apiKey", in: "cookie", name: "tidegate", description: "`__Host-tidegate` behind TLS" },
      },
      responses: {
        Problem: { description: "Not done", content: { "application/problem+json": { schema: problemSchema } } },
      },
      schemas: sorted(Object.fromEntries(components)),
    },
  };
}

function operationOf(route: Route, components: Components): Json {
  const responses: Record<string, unknown> = {};
  for (const [status, schema] of Object.entries(route.answers)) {
    responses[status] = {
      description: route.summary,
      content: { "application/json": { schema: schemaOf(schema, "output", components) } },
    };
  }
  for (const [status, codes] of problemsOf(route)) {
    responses[status] = { ...problemResponse, description: codes.join(" · ") };
  }
  const parameters = [
    ...parametersOf(route.params, "path", components),
    ...parametersOf(route.query, "query", components),
    ...(route.idempotent ? [keyParameter] : []),
  ];
  const body = schemaOf(route.body, "input", components);
  const takesBody = route.method !== "get" && !isEmptyObject(body);
  return {
    operationId: route.operation,
    tags: [route.tag],
    summary: route.summary,
    "x-permission": route.permission,
    ...(route.permission === "public" ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(takesBody ? { requestBody: { required: true, content: { "application/json": { schema: body } } } } : {}),
    responses,
  };
}

const problemResponse = {
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

const keyParameter = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description: "The same key and request again answer what was answered first, and do nothing.",
  schema: { type: "string", pattern: "^[\\x21-\\x7e]{1,200}$" },
};

/** Codes by status: what the route declares, what its kind of route can meet, and what any can. */
function problemsOf(route: Route): readonly (readonly [string, readonly ProblemCode[]])[] {
  const codes = new Set<ProblemCode>([...route.problems, ...commonProblems]);
  if (route.permission !== "public") codes.add("unauthenticated").add("forbidden");
  if (route.method !== "get") codes.add("not-json").add("too-large");
  if (route.idempotent) codes.add("key-conflict").add("in-progress").add("answer-lost");
  const byStatus = Map.groupBy(codes, (code) => String(problems[code].status));
  return [...byStatus].sort(([a], [b]) => (a < b ? -1 : 1));
}

function parametersOf(schema: z.ZodType, place: "path" | "query", components: Components): readonly Json[] {
  const json = z.toJSONSchema(schema, { io: "input" });
  const properties = Object.entries(json.properties ?? {});
  hoist(json.$defs, components);
  return properties.map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || (json.required ?? []).includes(name),
    schema: withHoistedRefs(property),
  }));
}

function eventsOperation(components: Components): Json {
  const schema = schemaOf(streamEvent, "output", components);
  return {
    operationId: "events",
    tags: ["runtime"],
    summary:
      "What happens, as server-sent events; resumes after Last-Event-ID; a comment every 15 s shows that it lives",
    "x-permission": "deployment.read",
    parameters: [{ name: "Last-Event-ID", in: "header", required: false, schema: { type: "string" } }],
    responses: {
      "200": {
        description: "`data` of every event is one JSON document of this schema",
        content: { "text/event-stream": { schema } },
      },
      default: { $ref: "#/components/responses/Problem" },
    },
  };
}

function schemaOf(schema: z.ZodType, io: "input" | "output", components: Components): unknown {
  const { $schema: _dialect, $defs, ...json } = z.toJSONSchema(schema, { io });
  hoist($defs, components);
  const id = schema.meta()?.id;
  if (id === undefined) return withHoistedRefs(json);
  // Of a schema with an id what comes may be the reference alone, with the schema among the definitions.
  if (json.$ref === undefined) components.set(id, withHoistedRefs(withoutId(json)));
  return { $ref: `#/components/schemas/${id}` };
}

function hoist(definitions: Readonly<Record<string, unknown>> | undefined, components: Components): void {
  for (const [id, json] of Object.entries(definitions ?? {})) components.set(id, withHoistedRefs(withoutId(json)));
}

/** The id has become the name of the component; as a member of a schema it means nothing in this dialect. */
function withoutId(json: unknown): unknown {
  if (typeof json !== "object" || json === null) return json;
  return Object.fromEntries(Object.entries(json).filter(([name]) => name !== "id"));
}

function withHoistedRefs(json: unknown): unknown {
  const text = JSON.stringify(json).replaceAll('"$ref":"#/$defs/', '"$ref":"#/components/schemas/');
  const moved: unknown = JSON.parse(text);
  return moved;
}

function isEmptyObject(json: unknown): boolean {
  return (
    typeof json === "object" &&
    json !== null &&
    "properties" in json &&
    Object.keys(Object(json.properties)).length === 0
  );
}

function sorted(record: Readonly<Record<string, unknown>>): Json {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
