import { Option } from "commander";
import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { answered, connect } from "#cli/io.ts";
import { type Column, renderList, renderObject } from "#cli/output.ts";
import type { strategyChoice } from "#contract/strategy.ts";
import { changeClasses, type ChangeClass } from "#core/catalog/scope.ts";

type Choice = z.output<typeof strategyChoice>;

interface Row {
  readonly method: string;
  readonly rank: string;
  readonly points: string;
  readonly why: string;
}

interface Query {
  readonly service: string;
  readonly environment: string;
  readonly class: ChangeClass;
}

export const strategies: AddCommand = (program, io) => {
  program
    .command("strategies")
    .description("Ways in which a version can come to its users, ranked, and why others are excluded")
    .requiredOption("--service <name>", "of which service")
    .requiredOption("--environment <name>", "in which environment")
    .addOption(new Option("--class <class>", "class of the change").choices(changeClasses).default("normal"))
    .action(async (query: Query) => {
      const { body } = answered(await connect(io).chooseStrategy({ query }));
      const plain = (): string => renderList("table", rowsOf(body), columns, ({ method }) => method);
      io.write(renderObject(io.format(), body, plain, body.ranked.map(({ method }) => method).join("\n")));
      const { name, method, isDefault, isExcluded } = body.inForce;
      const because = isDefault ? ", as no document matches" : "";
      io.say(
        `In force: strategy ${name}${because}, ${method}${isExcluded ? ", which is excluded: requests are denied" : ""}.`,
      );
      if (body.driver === null) io.say("The target did not tell what its proxy can do; the preflight asks it again.");
    });
};

function rowsOf({ ranked, excluded }: Choice): readonly Row[] {
  return [
    ...ranked.map(({ method, points, weights, summary }, index) => ({
      method,
      rank: String(index + 1),
      points: String(points),
      why: weights.length === 0 ? summary : weights.map(({ sentence }) => sentence).join("; "),
    })),
    ...excluded.map(({ method, reasons }) => ({
      method,
      rank: "excluded",
      points: "",
      why: reasons.map(({ sentence, remedy }) => `${sentence}. ${remedy}`).join(" "),
    })),
  ];
}

const columns: readonly Column<Row>[] = [
  { title: "METHOD", text: ({ method }) => method },
  { title: "RANK", text: ({ rank }) => rank },
  { title: "POINTS", text: ({ points }) => points },
  { title: "WHY", text: ({ why }) => why },
];
