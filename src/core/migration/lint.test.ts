import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { directivesOf, lintScript } from "#core/migration/lint.ts";
import { readScript } from "#core/migration/tokens.ts";

const found = (sql: string, purpose: "up" | "undo" = "up"): readonly string[] =>
  lintScript("f.sql", sql, purpose).map(({ line, column, code }) => `${line}:${column} ${code}`);

for (const [what, sql, findings] of [
  ["a column that goes", "alter table orders drop column note", ["1:20 drops-column"]],
  ["a column that goes, in short", 'alter table if exists only shop.orders drop "Note"', ["1:40 drops-column"]],
  ["the second of two changes", "alter table orders add a int,\n  drop b", ["2:3 drops-column"]],
  ["a column with another name", "ALTER TABLE orders RENAME COLUMN a TO b", ["1:20 renames-column"]],
  ["a table with another name", "alter table orders rename to purchases", ["1:20 renames-object"]],
  ["a table that goes", "drop table orders", ["1:1 drops-object"]],
  [
    "a column that must be filled",
    "alter table orders add column note text not null",
    ["1:20 not-null-without-default"],
  ],
  ["a column that must be filled from now on", "alter table orders alter note set not null", ["1:20 sets-not-null"]],
  ["another type", "alter table orders alter column note set data type int", ["1:20 changes-type"]],
  [
    "a default that differs by row",
    "alter table orders add id uuid default gen_random_uuid()",
    ["1:20 rewrites-table"],
  ],
  ["an index while nobody can write", "create unique index i on orders (note)", ["1:1 locks-for-index"]],
  ["an index that goes while nobody can read", "drop index i", ["1:1 locks-for-index"]],
  ["a primary key", "alter table orders add primary key (id)", ["1:20 locks-for-index"]],
  ["a check of every row", "alter table orders add constraint c check (a > 0)", ["1:20 locks-for-constraint"]],
  ["a foreign key", "alter table orders add foreign key (a) references b", ["1:20 locks-for-constraint"]],
  ["every row at once", "update orders set note = ''", ["1:1 touches-all-rows"]],
  ["an empty table", "truncate orders", ["1:1 drops-object"]],
  ["what cannot be seen", "do $$ begin execute 'drop table orders'; end $$", ["1:1 opaque"]],
  ["an end of the transaction", "create table a (); commit; create table b ()", ["1:20 controls-transaction"]],
  ["what needs no transaction", "create index concurrently i on orders (note)", ["1:1 needs-no-transaction"]],
  ["a text that does not end", "select 'a;\ndrop table orders", ["1:8 unreadable"]],
  ["a word that nobody knows", "-- tidegate: accept all\nselect 1", ["1:1 unknown-directive"]],
  ["a label with another name", "alter type mood rename value 'a' to 'b'", ["1:1 renames-object"]],
] as const) {
  test(`A script with ${what} is told, with its place`, () => assert.deepEqual(found(sql), findings));
}

for (const [what, sql] of [
  [
    "a new table with everything",
    "create table a (id int primary key, b text not null); create index i on a (b); alter table a add c int not null",
  ],
  ["a new table in a schema", "create table if not exists shop.a (id int); create index on shop.a (id)"],
  ["a column that may be empty", "alter table orders add column note text"],
  ["a column with a default", "alter table orders add note text not null default ''"],
  ["a constraint that counts from now on", "alter table orders add constraint c check (a > 0) not valid"],
  ["a constraint that is checked later", "alter table orders validate constraint c"],
  ["an index that others do not notice", "-- tidegate: no-transaction\ncreate index concurrently i on orders (note)"],
  ["a constraint on an index that is there", "alter table orders add constraint c unique using index i"],
  ["a default that goes", "alter table orders alter note drop default, drop constraint c"],
  ["rows that a condition names", "update orders set note = '' where id < 1000"],
  [
    "words of danger in comments and texts",
    "select 'drop table a', $x$ drop table b; $x$, e'\\'; drop' /* drop /* table */ c; */ -- drop table d\n, \"drop\"",
  ],
  ["nothing at all", "-- nothing\n"],
] as const) {
  test(`A script with ${what} is safe`, () => assert.deepEqual(found(sql), []));
}

test("What is accepted with a reason is no finding, and a reason is needed", () => {
  const drop = "alter table orders drop note";
  assert.deepEqual(found(`-- tidegate: accept drops-column because nobody reads it since 1.4\n${drop}`), []);
  assert.equal(found(`-- tidegate: accept drops-column\n${drop}`).length, 2);
  assert.deepEqual(found(`${drop};\n-- tidegate: accept drops-column because too late`), ["1:20 drops-column"]);
});

test("A script that takes another back may drop what that one made, and never decides over the transaction", () => {
  assert.deepEqual(found("alter table orders drop note; drop table a", "undo"), []);
  assert.deepEqual(found("drop table a; commit", "undo"), ["1:15 controls-transaction"]);
});

test("A header says what a script is", () => {
  const { isTransactional, irreversible } = directivesOf(
    readScript("-- tidegate: no-transaction\n-- tidegate: irreversible because the data is gone\nselect 1"),
  );
  assert.equal(isTransactional, false);
  assert.equal(irreversible, "the data is gone");
});

test("Statements lie in the script where they say, whatever the script is", () => {
  const piece = fc.constantFrom(
    "select 1",
    ";",
    "'",
    '"',
    "$$",
    "$a$",
    "/*",
    "*/",
    "--",
    "\n",
    "e'\\'",
    " x ",
    "ü",
    "\\",
    "1.5e3",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const sql = pieces.join("");
      const { statements } = readScript(sql);
      let last = 0;
      for (const token of statements.flat()) {
        assert.ok(token.from >= last && token.to > token.from && token.to <= sql.length);
        last = token.to;
        const lines = sql.slice(0, token.from).split("\n");
        assert.deepEqual([token.line, token.column], [lines.length, (lines.at(-1)?.length ?? 0) + 1]);
      }
    }),
  );
});
