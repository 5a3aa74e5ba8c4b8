import assert from "node:assert/strict";
import { test } from "node:test";
import { documentId, type Document } from "#config/document.ts";
import { parseSources } from "#config/source.ts";
import { applyDocuments, documentsAt, documentsInForce, revisionAt, revisions } from "#store/configuration.ts";
import { createOrganisationCache, organisationInForce } from "#store/organisation.ts";
import { execute, query, sql, transaction } from "#store/sql.ts";
import { documentsOf, shop } from "#test/support/configuration.ts";
import { freshStore, hourAfter, noon, type TestStore } from "#test/support/store.ts";

const apply = (store: TestStore, documents: readonly Document[], at: Temporal.Instant) =>
  transaction(store.pool, (client) => applyDocuments(client, { documents, at, by: "alice" }));
const storedAt = async (store: TestStore, at: Temporal.Instant): Promise<readonly Document[]> =>
  [...(await documentsAt(store.pool, at)).values()].map(({ document }) => document);
const idsOf = (documents: readonly Document[]) => documents.map(({ kind, name }) => `${kind}/${name}`).sort();
const [unit] = shop;
const team = (name: string): Document => ({
  kind: "Team",
  name,
  description: null,
  spec: { unit: "retail" },
  origin: null,
});
assert.ok(unit !== undefined);

test("a set replaces the one before, and any instant of the past still has its own", async () => {
  await using store = await freshStore();
  assert.equal(await revisionAt(store.pool, noon), null);
  assert.deepEqual(await documentsInForce(store.pool), []);
  const first = await apply(store, [unit, team("checkout"), team("search")], noon);
  const changed: Document = { ...team("checkout"), description: "Pays." };
  const second = await apply(store, [unit, changed, team("stock")], hourAfter(noon));
  assert.ok(second.revision > first.revision && second.digest !== first.digest);
  assert.deepEqual(idsOf(await storedAt(store, noon)), ["Team/checkout", "Team/search", "Unit/retail"]);
  assert.deepEqual(await storedAt(store, hourAfter(noon)), await documentsInForce(store.pool));
  assert.deepEqual(idsOf(await documentsInForce(store.pool)), ["Team/checkout", "Team/stock", "Unit/retail"]);
  assert.equal((await documentsInForce(store.pool))[0]?.description, "Pays.");
  assert.deepEqual(await storedAt(store, noon.subtract({ microseconds: 1 })), []);
  assert.equal((await revisionAt(store.pool, hourAfter(noon).subtract({ microseconds: 1 })))?.revision, first.revision);
  assert.deepEqual(await revisions(store.pool, 10), [second, first]);
  assert.equal((await query(store.pool, sql`select 1 from document where name = 'retail'`, () => null)).length, 1);
});

test("equal content is no new revision, whatever its order", async () => {
  await using store = await freshStore();
  const first = await apply(store, shop, noon);
  assert.deepEqual(await apply(store, shop.toReversed(), hourAfter(noon)), first);
  const other = await apply(store, [], hourAfter(noon));
  assert.notEqual(other.digest, first.digest);
  assert.equal((await apply(store, shop, noon.add({ hours: 2 }))).digest, first.digest);
});

test("the instants of revisions rise even when the clock was set back", async () => {
  await using store = await freshStore();
  const first = await apply(store, [unit], hourAfter(noon));
  const second = await apply(store, [unit, team("checkout")], noon);
  assert.equal(String(second.at), String(first.at.add({ microseconds: 1 })));
});

for (const isolation of ["read committed", "repeatable read"] as const) {
  test(`8 applications at once come one after the other (${isolation})`, async () => {
    await using store = await freshStore();
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        transaction(
          store.pool,
          async (client) => {
            await documentsInForce(client);
            const documents = [unit, team(`team-${index}`)];
            return applyDocuments(client, { documents, at: noon, by: "alice" });
          },
          { isolation, retries: 100 },
        ),
      ),
    );
    const inOrder = made.toSorted((a, b) => a.revision - b.revision);
    assert.equal(new Set(made.map(({ revision }) => revision)).size, 8);
    assert.deepEqual(
      inOrder.map(({ at }) => String(at)),
      inOrder
        .map(({ at }) => at)
        .toSorted((a, b) => Temporal.Instant.compare(a, b))
        .map(String),
    );
    assert.equal((await documentsInForce(store.pool)).length, 2);
  });
}

test("what is written of a document's place is its file and line", async () => {
  await using store = await freshStore();
  await apply(
    store,
    [
      ...documentsOf("# a unit\napiVersion: tidegate.dev/v1\nkind: Unit\nmetadata: { name: retail }\nspec: {}\n"),
      team("x"),
    ],
    noon,
  );
  const places = await query(store.pool, sql`select place from document order by kind desc`, (row) => row);
  assert.deepEqual(places, [{ place: "test.yaml:2" }, { place: "Team/x" }]);
});

test("an export reads back to what is in force", async () => {
  await using store = await freshStore();
  assert.deepEqual(await store.views.configurationYaml(), { revision: null, yaml: "" });
  const { revision } = await apply(store, shop, noon);
  const exported = await store.views.configurationYaml();
  assert.equal(exported.revision, revision);
  const read = parseSources([{ path: "export.yaml", text: exported.yaml }]);
  assert.deepEqual(read.problems, []);
  const content = (documents: readonly Document[]) =>
    new Map(documents.map((document) => [documentId(document), { ...document, origin: null }]));
  assert.deepEqual(content(read.documents), content(shop));
});

test("a configuration is decoded once, and again when another process has changed it", async () => {
  await using store = await freshStore();
  const cache = createOrganisationCache();
  await apply(store, shop, noon);
  const first = await organisationInForce(store.pool, cache);
  assert.equal(first.services.get("checkout-api")?.team, "checkout");
  assert.equal(await organisationInForce(store.pool, cache), first);
  await apply(
    store,
    shop.filter(({ name }) => name !== "pricing-svc" && name !== "staging-nights"),
    hourAfter(noon),
  );
  const second = await organisationInForce(store.pool, cache);
  assert.deepEqual([...second.services.keys()], ["checkout-api"]);
  await apply(store, shop, noon.add({ hours: 2 }));
  assert.equal(await organisationInForce(store.pool, cache), first);
});

test("stored documents that no longer decode stop every judgement and say where", async () => {
  await using store = await freshStore();
  await apply(store, shop, noon);
  await execute(
    store.pool,
    sql`update document set spec = jsonb_set(spec, '{zone}', '"Europe/Atlantis"') where kind = 'Environment'`,
  );
  await assert.rejects(
    store.transact((records) => records.facts.personOfAccount("alice-bot")),
    /Environment\/prod/,
  );
});

test("accounts lead to their person, people to their names", async () => {
  await using store = await freshStore();
  await apply(store, shop, noon);
  const personOf = (account: string) => store.transact((records) => records.facts.personOfAccount(account));
  assert.equal(await personOf("bob-bot"), "bob");
  assert.equal(await personOf("bob@example.org"), "bob");
  assert.equal(await personOf("mallory"), null);
  assert.deepEqual([...(await store.views.people()).keys()].sort(), ["alice", "bob", "carol"]);
});

test("a new configuration is read as what has changed, and what has not is the very same", async () => {
  await using store = await freshStore();
  const cache = createOrganisationCache();
  const sets: readonly (readonly Document[])[] = [
    shop,
    [...shop, team("search")],
    [...shop, { ...team("search"), description: "Finds." }, team("stock")],
    [...shop, team("stock")],
    shop,
    [...shop, team("search")],
  ];
  let at = noon;
  let before = await organisationInForce(store.pool, cache);
  for (const [step, set] of sets.entries()) {
    await apply(store, set, at);
    at = hourAfter(at);
    // Revisions in between that nobody has read.
    if (step === 2) continue;
    const read = await organisationInForce(store.pool, cache);
    assert.deepEqual(read, await organisationInForce(store.pool, createOrganisationCache()));
    if (step > 0) {
      assert.equal(read.services, before.services, "the services are the very same");
      assert.equal(read.people, before.people);
    }
    before = read;
  }
  assert.ok(before.services.size > 0 && before.teams.has("search"));
});

test("a configuration of another history is read whole", async () => {
  await using store = await freshStore();
  await using other = await freshStore();
  const cache = createOrganisationCache();
  await apply(other, [...shop, team("search")], noon);
  assert.ok((await organisationInForce(other.pool, cache)).teams.has("search"));
  await apply(store, shop, noon);
  await apply(store, [...shop, team("stock")], hourAfter(noon));
  const read = await organisationInForce(store.pool, cache);
  assert.deepEqual([read.teams.has("search"), read.teams.has("stock")], [false, true]);
});
