import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { rules } from "#core/policy/registry.ts";
import type { Rule } from "#core/policy/rule.ts";

const folder = new URL("../docs/rules/", import.meta.url);

/** Every page of docs/rules by file name: one per rule from its own words, and an index. */
export function rulePages(): ReadonlyMap<string, string> {
  const pages = new Map(rules.map((rule) => [`${rule.id}.md`, pageOf(rule)]));
  const lines = rules.map(({ id, title }) => `- [${id}](${id}.md): ${title}.`);
  pages.set(
    "README.md",
    `# Rules\n\nGenerated from the rules; a verdict has a finding of each.\n\n${lines.join("\n")}\n`,
  );
  return pages;
}

function pageOf({ id, version, title, reason, remedy, needs, codes, exemptible, overridable }: Rule): string {
  const deviations = [
    ...(exemptible === undefined ? [] : [`**May be exempted** (\`exempted\`). ${listOf(exemptible)}.`]),
    ...(overridable === undefined ? [] : [`**May be overridden** (\`overridden\`). ${listOf(overridable)}.`]),
  ];
  return (
    [
      `# ${id}`,
      `${title}.`,
      `**Why.** ${reason}`,
      `**What helps.** ${remedy}`,
      `**Judges by.** ${needs.join(", ")}. Version ${version}.`,
      `**Codes.** ${listOf(codes)}, and \`rule-failed\` when the rule itself cannot judge.`,
      ...deviations,
      "",
    ]
      .join("\n\n")
      .trimEnd() + "\n"
  );
}

function listOf(codes: readonly string[]): string {
  return codes.map((code) => `\`${code}\``).join(", ");
}

/** Writes the pages and removes what no longer belongs there. With `--check` nothing is written: exit 1 when stale. */
function bringUpToDate(checks: boolean): void {
  const pages = rulePages();
  const stray = readdirSync(folder).filter((file) => !pages.has(file));
  const stale = [...pages].filter(([file, text]) => readOrEmpty(file) !== text);
  if (checks && stray.length + stale.length > 0) {
    process.stderr.write("docs/rules is stale: run node tools/generate-rule-docs.ts\n");
    process.exitCode = 1;
    return;
  }
  for (const file of stray) rmSync(new URL(file, folder));
  for (const [file, text] of stale) writeFileSync(new URL(file, folder), text);
}

function readOrEmpty(file: string): string {
  const path = new URL(file, folder);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

if (import.meta.main) bringUpToDate(process.argv.includes("--check"));
